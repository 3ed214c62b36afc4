using System.CommandLine;
using RolloutController.Cli;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Cli;

/// <summary>What a command <c>rehearse</c> printed.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record Rehearse(int Code, string Output, string Error)
{
    /// <summary>An example of the repository.</summary>
    public static string Example(string name) => RepositoryFiles.PathOf($"examples/{name}.yaml");

    /// <summary>Runs the command in this process, or where there is a published executable, by that.</summary>
    public static async Task<Rehearse> RunAsync(params string[] arguments)
    {
        if (Executable.Published is not null)
        {
            var run = await CommandRun.StartAsync(CancellationToken.None, ["rehearse", .. arguments]);
            return new Rehearse(run.Code, run.Output, run.Error);
        }
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await RehearseCommand.Create().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return new Rehearse(code, output.ToString(), error.ToString());
    }
}
