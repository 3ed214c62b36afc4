using System.Text.Json.Nodes;
using RolloutController.Tests.Secrecy;

namespace RolloutController.Tests.Cluster;

/// <summary>Lets the controller be tested with the rights that it is installed with, and no others.</summary>
internal static class ServiceAccountKubeconfig
{
    /// <summary>
    /// Applies a manifest of RBAC objects, asks for a token of the ServiceAccount (TokenRequest: the test cluster runs no controller that
    /// would make token Secrets), and writes a kubeconfig with it. The token is good for an hour.
    /// </summary>
    /// <param name="manifest">YAML with the ServiceAccount and its roles, such as <c>deploy/rbac.yaml</c>.</param>
    /// <param name="namespace">The ServiceAccount's namespace; made when it is not there.</param>
    /// <param name="folder">Where the kubeconfig is written.</param>
    /// <returns>The path of the kubeconfig.</returns>
    public static async Task<string> CreateAsync(
        ClusterApi api, string manifest, string folder, CancellationToken cancellationToken, string @namespace = "rollout-system", string name = "rollout-controller")
    {
        await api.ApplyAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {@namespace}}}}}", @namespace, cancellationToken);
        await api.ApplyAsync(manifest, @namespace, cancellationToken);
        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject { ["expirationSeconds"] = 3600 },
        };
        var answer = await api.CreateAsync($"/api/v1/namespaces/{@namespace}/serviceaccounts/{name}/token", request, cancellationToken);
        var file = Path.Combine(folder, $"{name}.kubeconfig");
        await File.WriteAllTextAsync(file, Kubeconfig(api.Server, name, Canary.Keep(answer.Text("status.token")!, "the token of a ServiceAccount")), cancellationToken);
        return file;
    }

    private static string Kubeconfig(Uri server, string user, string token) =>
        $$"""
        apiVersion: v1
        kind: Config
        current-context: test
        clusters: [{name: test, cluster: {server: "{{server}}", insecure-skip-tls-verify: true} }]
        users: [{name: {{user}}, user: {token: {{token}} } }]
        contexts: [{name: test, context: {cluster: test, user: {{user}} } }]
        """;
}
