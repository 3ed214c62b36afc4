using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Tests.Faults;

/// <summary>A call of a controller to the API.</summary>
/// <param name="Number">Its place among all calls of the run, from 1.</param>
/// <param name="Process">Which process made it, from 1.</param>
/// <param name="Verb">The verb, as authorization names it; <c>discover</c> for what is served.</param>
/// <param name="Plural">The plural of the kind; empty for discovery.</param>
/// <param name="Name">The object and its subresource; empty for a collection.</param>
/// <param name="At">The time since the run began.</param>
/// <param name="IsDryRun">Whether it changes nothing in any case.</param>
internal sealed record ApiCall(int Number, int Process, string Verb, string Plural, string Name, TimeSpan At, bool IsDryRun)
{
    /// <summary>Whether it is a watch.</summary>
    public bool IsWatch => Verb == "watch";

    /// <summary>Whether it changes something.</summary>
    public bool IsWrite => Verb is "create" or "update" or "patch" or "delete" && !IsDryRun;

    /// <summary>Whether it belongs to the election.</summary>
    public bool IsLease => Plural == "leases";

    /// <summary>What it asks for, which a later call may ask for again.</summary>
    public string Request => $"{Verb} {Plural} {Name}";

    public override string ToString() => $"call {Number} of process {Process}: {Request}{(IsDryRun ? " (dry run)" : "")}";

    /// <summary>Reads a request.</summary>
    public static ApiCall Read(int number, int process, HttpRequestMessage request, EmbeddedCluster cluster, TimeSpan at)
    {
        var address = request.RequestUri!;
        var query = ApiRequest.ReadQuery(address.Query);
        var asked = new ApiRequest(request.Method.Method, Uri.UnescapeDataString(address.AbsolutePath), query, "", "", null, default);
        try
        {
            var target = ApiTarget.Parse(asked, cluster.Resources);
            return new ApiCall(number, process, target.Verb, target.Resource.Plural, $"{target.Name}{(target.Subresource is null ? "" : "/" + target.Subresource)}", at, query.ContainsKey("dryRun"));
        }
        catch (ApiFailure)
        {
            return new ApiCall(number, process, "discover", "", address.AbsolutePath, at, false);
        }
    }
}

/// <summary>An event that a watch brought.</summary>
/// <param name="Call">The call that opened the watch.</param>
/// <param name="Number">Its place in the watch, from 1; bookmarks do not count.</param>
/// <param name="At">The time since the run began.</param>
internal sealed record ViewedEvent(ApiCall Call, int Number, TimeSpan At);
