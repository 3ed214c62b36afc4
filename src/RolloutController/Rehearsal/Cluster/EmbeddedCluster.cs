using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>
/// A Kubernetes API in memory. This is its inside, for the controllers that are simulated beside it; clients reach it as an API server by
/// <see cref="ApiHandler"/>. Safe for use by several threads.
/// </summary>
public sealed class EmbeddedCluster
{
    /// <summary>Makes an empty cluster that serves the kinds of Kubernetes itself.</summary>
    /// <param name="clock">The clock of creation and deletion times.</param>
    /// <param name="random">What generated names and uids are drawn from: the same seed gives the same names.</param>
    public EmbeddedCluster(TimeProvider clock, Random random) => throw new NotImplementedException();

    /// <summary>The clock.</summary>
    public TimeProvider Clock => throw new NotImplementedException();

    /// <summary>
    /// Told of every commit, in order, while the cluster is locked: handlers only take note (put a key into a queue) and never call back.
    /// </summary>
    public event Action<ObjectChange>? Committed;

    /// <summary>The present version of an object; null when there is none.</summary>
    /// <param name="plural">The plural of its kind, such as <c>replicasets</c>.</param>
    /// <param name="namespace">Its namespace; empty for kinds that have none.</param>
    /// <param name="name">Its name.</param>
    public StoredObject? Find(string plural, string @namespace, string name) => throw new NotImplementedException();

    /// <summary>The objects of a kind, by namespace and name, of one namespace or of all.</summary>
    public IReadOnlyList<StoredObject> List(string plural, string? @namespace = null) => throw new NotImplementedException();

    /// <summary>Creates an object, defaulted and validated as by a request; the namespace is that of its metadata.</summary>
    /// <exception cref="ApiFailure">The API refuses it.</exception>
    public StoredObject Create(string plural, JsonObject body) => throw new NotImplementedException();

    /// <summary>
    /// Changes the present version of an object in one step, so without conflicts; an edit that changes nothing writes nothing.
    /// </summary>
    /// <param name="plural">The plural of its kind.</param>
    /// <param name="namespace">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="edit">Changes a copy of the object.</param>
    /// <param name="subresource"><c>status</c> to change the status alone; null for everything else.</param>
    /// <returns>The version that is stored now; null when there is no such object.</returns>
    /// <exception cref="ApiFailure">The API refuses what came out.</exception>
    public StoredObject? Change(string plural, string @namespace, string name, Action<JsonObject> edit, string? subresource = null) => throw new NotImplementedException();

    /// <summary>Asks for an object to be deleted. A pod that runs only gets its deletion time; with a grace period of 0 it goes at once.</summary>
    /// <returns>Whether there was such an object.</returns>
    public bool Delete(string plural, string @namespace, string name, int? gracePeriodSeconds = null) => throw new NotImplementedException();
}
