using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Cluster;

/// <summary>What an admission webhook does with a request.</summary>
internal enum WebhookAnswer
{
    /// <summary>It allows it.</summary>
    Allow,

    /// <summary>It refuses it, with <see cref="AdmissionWebhook.Refusal"/>.</summary>
    Refuse,

    /// <summary>It takes the request, and never answers.</summary>
    Hang,
}

/// <summary>A validating admission webhook, with a certificate of its own authority, that the API server asks about the objects of one namespace.</summary>
internal sealed class AdmissionWebhook : IAsyncDisposable
{
    /// <summary>What it says when it refuses.</summary>
    public const string Refusal = "no change before the audit is over";

    private const string Configurations = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    private const string Label = "test.rollouts.dev/webhook";

    /// <summary>The kind by which the start sees that the API server asks; nothing else of a test has to do with it.</summary>
    private const string ProbedKind = "configmaps";

    private readonly ClusterApi _api;
    private readonly string _namespace;
    private readonly X509Certificate2 _authority = TestCertificates.Authority("webhook-ca");
    private readonly X509Certificate2 _certificate;
    private TestApi? _server;

    private AdmissionWebhook(ClusterApi api, string @namespace)
    {
        (_api, _namespace) = (api, @namespace);
        _certificate = _authority.Issue("localhost");
    }

    /// <summary>What it answers from now on.</summary>
    public WebhookAnswer Answer { get; set; } = WebhookAnswer.Allow;

    /// <summary>As the API server calls it in its answers.</summary>
    public string Name => $"audit.{_namespace}.example.com";

    /// <summary>How often it was asked about objects of a kind.</summary>
    /// <param name="plural">The plural of the kind.</param>
    public int Asked(string plural) => _server!.Requests.Count(request => JsonNode.Parse(request.Body).Text("request.resource.resource") == plural);

    /// <summary>Starts one, registers it, and waits until the API server asks it.</summary>
    /// <param name="plurals">The plurals of the kinds that it is asked about: of the core, or of apps.</param>
    public static async Task<AdmissionWebhook> StartAsync(ClusterApi api, string @namespace, CancellationToken cancellationToken, params string[] plurals)
    {
        var webhook = new AdmissionWebhook(api, @namespace);
        webhook._server = await TestApi.StartAsync(webhook.AnswerAsync, webhook._certificate);
        await api.MergeAsync(ClusterPath.Namespace(@namespace), $"{{metadata: {{labels: {{{Label}: {@namespace}}}}}}}", cancellationToken);
        await api.CreateAsync(Configurations, webhook.Configuration(plurals), cancellationToken);
        await WaitFor.StateAsync(webhook.IsAskedAsync, asked => asked, TimeSpan.FromSeconds(20), "the API server to ask the webhook", cancellationToken);
        return webhook;
    }

    /// <summary>Says what the API server does where the webhook does not answer in time. It takes a moment to take effect.</summary>
    /// <param name="failurePolicy"><c>Fail</c> or <c>Ignore</c>.</param>
    /// <param name="timeoutSeconds">How long it waits; 10 where nobody says.</param>
    public Task ExpectAsync(string failurePolicy, int timeoutSeconds, CancellationToken cancellationToken) => _api.JsonPatchAsync(
        $"{Configurations}/{_namespace}",
        Yaml.Parse($"{{change: [{{op: replace, path: /webhooks/0/failurePolicy, value: {failurePolicy}}}, {{op: replace, path: /webhooks/0/timeoutSeconds, value: {timeoutSeconds}}}]}}")["change"]!.DeepClone().AsArray(),
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _api.DeleteAsync($"{Configurations}/{_namespace}", CancellationToken.None);
        if (_server is not null)
            await _server.DisposeAsync();
        _certificate.Dispose();
        _authority.Dispose();
    }

    private JsonObject Configuration(string[] plurals) => Yaml.Parse(
        $$"""
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingWebhookConfiguration
        metadata: {name: {{_namespace}}}
        webhooks:
          - name: {{Name}}
            admissionReviewVersions: [v1]
            sideEffects: None
            namespaceSelector: {matchLabels: { {{Label}}: {{_namespace}} } }
            rules: [{apiGroups: ["", apps], apiVersions: [v1], operations: [CREATE, UPDATE, DELETE], resources: [{{string.Join(", ", plurals.Append(ProbedKind))}}]}]
            clientConfig: {url: "{{_server!.Address}}", caBundle: {{Convert.ToBase64String(Encoding.UTF8.GetBytes(_authority.ExportCertificatePem()))}} }
        """);

    private async Task<bool> IsAskedAsync(CancellationToken cancellationToken)
    {
        await _api.CreateAsync($"/api/v1/namespaces/{_namespace}/{ProbedKind}?dryRun=All", Yaml.Parse("{apiVersion: v1, kind: ConfigMap, metadata: {name: probe}}"), cancellationToken);
        return Asked(ProbedKind) > 0;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var review = JsonNode.Parse(context.Features.Get<TestApi.Asked>()!.Body);
        if (Answer == WebhookAnswer.Hang)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        var response = new JsonObject { ["uid"] = review.Text("request.uid"), ["allowed"] = Answer == WebhookAnswer.Allow };
        if (Answer == WebhookAnswer.Refuse)
            response["status"] = new JsonObject { ["message"] = Refusal };
        await context.Json(new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response }.ToJsonString());
    }
}
