using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster;

/// <summary>
/// What a kubelet makes of a pod of the chart: its arguments, its environment, and the files of its volumes from the ConfigMaps and Secrets of the cluster.
/// The files lie in a folder of the test, and what names them names that folder.
/// </summary>
/// <param name="Arguments">Those of its container.</param>
/// <param name="Environment">The variables of its container.</param>
internal sealed record InstalledPod(IReadOnlyList<string> Arguments, IReadOnlyList<(string Name, string Value)> Environment)
{
    private const string Root = "/etc/rollout";

    /// <summary>Reads the pod, and writes the files below <see cref="Root"/> that it mounts.</summary>
    /// <param name="pod">The <c>spec</c> of a pod or template with one container.</param>
    public static async Task<InstalledPod> PrepareAsync(ClusterApi api, JsonNode pod, string @namespace, string folder, CancellationToken cancellationToken)
    {
        var container = pod.Each("containers").Single();
        foreach (var mount in container.Each("volumeMounts").Where(mount => mount.Text("mountPath")!.StartsWith(Root, StringComparison.Ordinal)))
        {
            var volume = pod.Each("volumes").Single(volume => volume.Text("name") == mount.Text("name"));
            foreach (var (path, content) in await FilesAsync(api, volume, @namespace, cancellationToken))
                await WriteAsync(In(mount.Text("mountPath")!), path, In(content));
        }
        var environment = container.Each("env").Select(variable => (variable.Text("name")!, In(variable.Text("value") ?? Field(variable.Text("valueFrom.fieldRef.fieldPath")))));
        return new InstalledPod([.. container.Each("args").Select(argument => In(argument.ToString()))], [.. environment]);

        string In(string text) => text.Replace(Root, $"{folder}{Root}", StringComparison.Ordinal);

        string Field(string? path) => path switch
        {
            "metadata.namespace" => @namespace,
            "metadata.name" => "controller-0",
            _ => throw new AssertionException($"The pod takes a variable from {path}, which the test bed does not know."),
        };
    }

    private static async Task<IReadOnlyList<(string Path, string Content)>> FilesAsync(ClusterApi api, JsonNode volume, string @namespace, CancellationToken cancellationToken)
    {
        var files = new List<(string, string)>();
        if (volume.Text("configMap.name") is { } whole)
            files.AddRange((await DataAsync("ConfigMap", whole)).Select(entry => (entry.Key, entry.Value!.ToString())));
        foreach (var source in volume.Each("projected.sources"))
        {
            foreach (var item in source.Each("configMap.items"))
                files.Add((item.Text("path")!, (await DataAsync("ConfigMap", source.Text("configMap.name")!))[item.Text("key")!]!.ToString()));
            foreach (var item in source.Each("secret.items"))
                files.Add((item.Text("path")!, Encoding.UTF8.GetString(Convert.FromBase64String((await DataAsync("Secret", source.Text("secret.name")!))[item.Text("key")!]!.ToString()))));
        }
        return files;

        async Task<JsonObject> DataAsync(string kind, string name)
        {
            var item = await api.GetAsync(ClusterPath.Of(new JsonObject { ["apiVersion"] = "v1", ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace } }), cancellationToken);
            return item?["data"] as JsonObject ?? throw new AssertionException($"{kind} {name} is not there: the pod would not start.");
        }
    }

    private static Task WriteAsync(string folder, string path, string content)
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return File.WriteAllTextAsync(file, content);
    }
}
