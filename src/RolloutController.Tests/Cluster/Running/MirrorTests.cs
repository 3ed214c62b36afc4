using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using NUnit.Framework;
using RolloutController.Tests.Crd;
using RolloutController.Tests.Kubernetes;
using RolloutController.Tests.Secrecy;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>
/// A controller whose every server answers with what it was sent: tokens, keys and the address itself, in every place of an answer. Nothing of it may
/// be in what the controller says, which the end of every cluster test looks at; here every kind of secret is planted.
/// </summary>
internal sealed class MirrorTests : ClusterTest
{
    private readonly TemporaryFolder _files = new();
    private int _answers;

    [TearDown]
    public void DeleteFiles() => _files.Dispose();

    [Test]
    public async Task Servers_that_echo_every_secret_get_none_of_it_told()
    {
        await RequireRolloutsAsync();
        await using var mirror = await TestApi.StartAsync(ReflectAsync);
        await StartKubeletAsync();
        await StartGatewayAsync();
        await PlantAsync();
        var kubeconfig = await ClusterSession.AccountAsync(Api, Cancellation);
        var controller = Own(await ControllerProcess.StartWithAsync(Settings(mirror.Address), kubeconfig, Namespace, Cancellation, "--log-level", "trace"));

        await ApplyAsync(Version("v1"));
        await UntilPhaseAsync("Healthy");
        await ApplyAsync(Version("v2"));
        // Everything that can be asked is asked, more than once.
        string[] asked = ["/prometheus/api/v1/query", "/loki/api/v1/query", "/hook/", "/sink", "/services/", "/duty"];
        await WaitFor.StateAsync(
            _ => Task.FromResult(asked.Select(path => mirror.Requests.Count(request => request.Path.StartsWith(path, StringComparison.Ordinal))).ToArray()),
            counts => counts[..3].All(count => count > 8), TimeSpan.FromSeconds(90), "every provider to be asked and to answer in every way", Cancellation);
        await ApplyAsync(Version("v3", (PodAnnotations.Behaviour, "crash-loop")));
        await UntilPhaseAsync("RolledBack");
        await WaitFor.StateAsync(
            _ => Task.FromResult(asked.Select(path => mirror.Requests.Count(request => request.Path.StartsWith(path, StringComparison.Ordinal))).ToArray()),
            counts => counts.All(count => count > 0), TimeSpan.FromSeconds(60), "every sink to be told", Cancellation);

        // The secrets did travel: what is looked for could have been found.
        var sent = string.Join('\n', mirror.Requests.Select(request => $"{request.Path} {string.Join(' ', request.Headers.Select(header => $"{header.Key}={header.Value}"))} {request.Body}"));
        foreach (var planted in new[] { "prometheus-token", "hook-token", "sink-token", "slack-address", "routing-key" })
            Assert.That(sent, Does.Contain(Canary.Of(planted)));
        Assert.That(sent, Does.Contain(Convert.ToBase64String(Encoding.UTF8.GetBytes($"rollout:{Canary.Of("loki-password")}"))));
        Assert.That(sent, Does.Not.Contain(Canary.Of("hook-key")).And.Not.Contain(Canary.Of("sink-key")), "keys that only sign");

        var produced = new Produced(Api, Namespace, [controller]);
        await produced.ReadAsync(Cancellation);
        produced.AssertSecretsWereKept();
    }

    /// <summary>Answers with all that it was asked with, each time in another way.</summary>
    private Task ReflectAsync(HttpContext context)
    {
        var headers = string.Join(' ', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}"));
        var echo = $"{context.Request.Path}{context.Request.QueryString} {headers}";
        context.Response.Headers["X-Echo"] = new string([.. echo.Where(letter => letter is >= ' ' and <= '~')]);
        switch (Interlocked.Increment(ref _answers) % 6)
        {
            case 0:
                context.Response.Headers.Location = $"/{Uri.EscapeDataString(echo)}";
                context.Response.StatusCode = 302;
                return Task.CompletedTask;
            case 1:
                context.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = context.Request.Headers.Authorization.ToString();
                return context.Json(new JsonObject { ["status"] = "error", ["error"] = echo, ["errorType"] = echo }.ToJsonString(), 400);
            case 2:
                return context.Json(echo, 500);
            case 3:
                return context.Json(new JsonObject { ["status"] = "success", ["data"] = echo, ["verdict"] = echo, ["warnings"] = new JsonArray(echo) }.ToJsonString());
            case 4:
                var series = new JsonObject { ["metric"] = new JsonObject { ["a"] = echo }, ["value"] = new JsonArray(1, echo) };
                return context.Json(new JsonObject { ["status"] = "success", ["data"] = new JsonObject { ["resultType"] = "vector", ["result"] = new JsonArray(series) } }.ToJsonString());
            default:
                context.Response.ContentType = "text/html";
                return context.Response.WriteAsync($"<html>{echo}</html>", context.RequestAborted);
        }
    }

    private async Task PlantAsync()
    {
        await ApplyAsync($"{{apiVersion: v1, kind: Secret, metadata: {{name: shop-health}}, stringData: {{key: {Canary.Of("header")}}}}}");
        await ApplyAsync($"{{apiVersion: v1, kind: Secret, metadata: {{name: shop-db}}, stringData: {{password: {Canary.Of("database")}}}}}");
        await ApplyAsync($"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: shop-config}}, data: {{file: {Canary.Of("config-map")}}}}}");
        foreach (var file in new[] { "deploy/optional/rbac-config.yaml", "deploy/optional/rbac-checks.yaml" })
            await ApplyAsync(await File.ReadAllTextAsync(RepositoryFiles.PathOf(file), Cancellation));
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(Manifests.HttpRoute());
    }

    private string Settings(Uri mirror) => $$$"""
        {"Rollout": {
          "Prometheus": {"Address": "{{{mirror}}}prometheus", "BearerTokenFile": {{{Secret("prometheus-token")}}}},
          "Logs": {"loki": {"Address": "{{{mirror}}}", "Username": "rollout", "PasswordFile": {{{Secret("loki-password")}}}}},
          "Hooks": {
            "approvals": {"Address": "{{{mirror}}}hook/", "BearerTokenFile": {{{Secret("hook-token")}}}, "SigningKeyFile": {{{Secret("hook-key")}}}},
            "sealed": {"Address": "https://127.0.0.1:1/", "ClientCertificateFile": {{{Secret("certificate")}}}, "ClientKeyFile": {{{Secret("certificate-key")}}}}
          },
          "Notifications": {
            "hook": {"Kind": "Webhook", "Url": "{{{mirror}}}sink", "Severity": "P3", "BearerTokenFile": {{{Secret("sink-token")}}}, "SigningKeyFile": {{{Secret("sink-key")}}}},
            "chat": {"Kind": "Slack", "UrlFile": {{{Secret("slack-url", $"{mirror}services/{Canary.Of("slack-address")}")}}}, "Severity": "P3"},
            "duty": {"Kind": "PagerDuty", "Url": "{{{mirror}}}duty", "Severity": "P1", "RoutingKeyFile": {{{Secret("routing-key")}}}}
          }
        }}
        """;

    /// <summary>A file that holds a secret, as JSON.</summary>
    private string Secret(string name, string? content = null) => JsonValue.Create(_files.Write(name, content ?? Canary.Of(name))).ToJsonString();

    private static string Version(string version, params (string Key, string Value)[] annotations)
    {
        var template = Yaml.Parse(Manifests.Template(version, "shop", annotations));
        var container = template.At("spec.containers.0")!.AsObject();
        container["env"]!.AsArray().Add(Yaml.Parse("{name: DATABASE, valueFrom: {secretKeyRef: {name: shop-db, key: password}}}"));
        template["spec"]!["volumes"] = new JsonArray(Yaml.Parse("{name: config, configMap: {name: shop-config}}"));
        return (new RolloutBuilder(template.ToJsonString()) { MaxErrorRate = null, Weights = [50, 100], Hold = "5m", More = """
              rolloutOn: [template, config]
              analysis:
                interval: 1s
                errorRate: {max: 1%}
                checks:
                  - {name: hook, hook: {name: approvals}, interval: 1s}
                  - {name: sealed, hook: {name: sealed}, interval: 1s}
                  - {name: logs, logs: {provider: loki, streams: '{pod=~"$pods"}', lines: '|= "ERROR"'}, critical: {above: 5}, interval: 1s}
                  - {name: health, http: {path: /health, headers: [{name: X-Key, secretKeyRef: {name: shop-health, key: key}}], maxLatency: 1s}, interval: 5s, failures: 100}
            """ }).Yaml();
    }

    private Task<JsonObject> UntilPhaseAsync(string phase) => UntilAsync(
        ClusterPath.Rollouts(Namespace, "shop"),
        rollout => rollout.Number("status.observedGeneration") == rollout.Number("metadata.generation")
            && rollout.Text("status.phase") == phase && rollout.Text("status.state.name") == "AtRest",
        $"the Rollout to be {phase}", 90);
}
