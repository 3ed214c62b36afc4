using NUnit.Framework;

namespace RolloutController.Tests.Secrecy;

/// <summary>What runs left behind, their results with every message and exception among it, holds none of the secrets that were planted.</summary>
[Category(RunRecord.Category)]
internal sealed class KeptSecretsTests
{
    [Test]
    public void No_result_of_a_run_holds_a_planted_secret()
    {
        var files = Directory.EnumerateFiles(RunRecord.Finished(), "*", SearchOption.AllDirectories).ToList();
        Assert.That(files, Has.Some.EndsWith(".trx"), "the results of the runs are there");
        foreach (var file in files)
            Canary.AssertNotIn(Path.GetFileName(file), File.ReadAllText(file));
    }
}
