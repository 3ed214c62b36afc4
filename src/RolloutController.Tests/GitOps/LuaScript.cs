using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.GitOps;

/// <summary>Runs the scripts for Argo CD in a real Lua, with the resource as the global <c>obj</c>.</summary>
internal static class LuaScript
{
    private const string Program = "lua5.3";

    /// <summary>Runs a script of <c>docs/gitops/argocd</c>.</summary>
    /// <param name="name">Its name without <c>.lua</c>.</param>
    /// <param name="obj">The resource.</param>
    /// <param name="then">What to do with its <c>result</c>, in Lua; each line that it prints is given back.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<IReadOnlyList<string>> RunAsync(string name, JsonObject obj, string then, CancellationToken cancellationToken)
    {
        if (ChildProcess.Find(Program) is not { } lua)
        {
            Assert.Ignore($"{Program} is not on the PATH: apt-get install {Program}");
            return [];
        }

        var start = new ProcessStartInfo(lua, ["-"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var script = RepositoryFiles.PathOf($"docs/gitops/argocd/{name}.lua");
        await process.StandardInput.WriteAsync($"obj = {Literal(obj)}\nlocal result = dofile({Literal(script)})\n{then}\n".AsMemory(), cancellationToken);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        Assert.That(errors, Is.Empty, $"{name}.lua");
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string Literal(JsonNode? node) => node switch
    {
        null => "nil",
        JsonObject item => $"{{{string.Join(", ", item.Where(pair => pair.Value is not null).Select(pair => $"[{Literal(pair.Key)}] = {Literal(pair.Value)}"))}}}",
        JsonArray list => $"{{{string.Join(", ", list.Select(Literal))}}}",
        _ when node.GetValueKind() == JsonValueKind.String => Literal((string)node!),
        _ => node.ToJsonString(),
    };

    private static string Literal(string text) =>
        $"\"{string.Concat(Encoding.UTF8.GetBytes(text).Select(one => string.Create(CultureInfo.InvariantCulture, $"\\{one:D3}")))}\"";
}
