using NUnit.Framework;

namespace RolloutController.Tests.Deploy;

/// <summary>
/// What the manifests allow, beside what every controller of a whole run asked of an embedded API server, the processes among them. What no
/// rule allows is refused there and by the real API server, which fails the test that meets it; what nothing asked for is found here.
/// </summary>
[Category(RunRecord.Category)]
internal sealed class UsedRightsTests
{
    private static IEnumerable<Role> Roles => ((string[])["deploy/rbac.yaml", "deploy/optional/rbac-config.yaml", "deploy/optional/rbac-checks.yaml", "deploy/optional/rbac-page-actions.yaml"]).SelectMany(Role.In);

    [TestCaseSource(nameof(Roles))]
    public void Every_right_was_needed(object tested)
    {
        var role = (Role)tested;
        var used = Directory.EnumerateFiles(RunRecord.Finished(), "grants-*.txt").SelectMany(File.ReadAllLines).ToHashSet();
        Assert.That(used, Is.Not.Empty, "no test of the run asked an embedded API server under a role");
        var unused = role.Permissions.Select(permission => RunRecord.Line(role.Title, permission.Verb, permission.Group, permission.Resource, permission.ByName)).Where(line => !used.Contains(line));
        Assert.That(unused, Is.Empty, "rights that nothing in the run needed: take them out, or test what needs them");
    }

    [TestCaseSource(nameof(Roles))]
    public void Nothing_was_granted_that_is_not_written_there(object tested)
    {
        var role = (Role)tested;
        var written = role.Permissions.Select(permission => RunRecord.Line(role.Title, permission.Verb, permission.Group, permission.Resource, permission.ByName)).ToHashSet();
        var granted = Directory.EnumerateFiles(RunRecord.Finished(), "grants-*.txt").SelectMany(File.ReadAllLines).Where(line => line.StartsWith($"{role.Title}: ", StringComparison.Ordinal)).Distinct();
        Assert.That(granted.Except(written), Is.Empty);
    }
}
