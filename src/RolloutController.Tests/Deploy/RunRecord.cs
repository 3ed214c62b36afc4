using System.Collections.Concurrent;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Tests;

/// <summary>
/// What runs leave, in the folder that <c>ROLLOUT_TEST_RECORDS</c> names, for those tests that look at all of it together. These have the category
/// <see cref="Category"/>, and run when the runs have ended, with that folder as <c>ROLLOUT_TEST_FINISHED</c>; else they are skipped.
/// </summary>
[SetUpFixture]
internal sealed class RunRecord
{
    /// <summary>The category of tests that look at a finished run.</summary>
    public const string Category = "Afterwards";

    private static readonly ConcurrentDictionary<string, byte> s_grants = new();

    /// <summary>The folder of finished runs; skips the test where there is none.</summary>
    public static string Finished()
    {
        if (Environment.GetEnvironmentVariable("ROLLOUT_TEST_FINISHED") is not { Length: > 0 } folder)
            throw new IgnoreException("ROLLOUT_TEST_FINISHED names no folder: run all tests with ROLLOUT_TEST_RECORDS first.");
        return folder;
    }

    /// <summary>What a rule let pass, as one line.</summary>
    /// <param name="role">The kind and name of the role.</param>
    /// <param name="byName">Whether the rule names objects.</param>
    public static string Line(string role, string verb, string group, string resource, bool byName) => $"{role}: {verb} {resource}{(group.Length == 0 ? "" : $".{group}")}{(byName ? " by name" : "")}";

    [OneTimeSetUp]
    public void Begin() => AccessCheck.Granted += Note;

    [OneTimeTearDown]
    public async Task KeepAsync()
    {
        AccessCheck.Granted -= Note;
        if (Environment.GetEnvironmentVariable("ROLLOUT_TEST_RECORDS") is not { Length: > 0 } folder)
            return;
        Directory.CreateDirectory(folder);
        await File.WriteAllLinesAsync(Path.Combine(folder, $"grants-{Environment.ProcessId}.txt"), s_grants.Keys.Order(StringComparer.Ordinal));
    }

    private static void Note(AccessRule rule, ApiTarget target) =>
        s_grants.TryAdd(Line(rule.Role, target.Verb, target.Resource.Group, target.ResourceOrPart, rule.Names.Count > 0), 0);
}
