using System.Net;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>What the controller needs is not there: it stays up, is not ready, and says what is missing. These need no cluster.</summary>
[CancelAfter(120_000)]
internal sealed class NotReadyTests
{
    [Test]
    public async Task API_that_cannot_be_reached_is_told(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("rollout-kubeconfig-");
        var kubeconfig = Kubeconfig(folder, new Uri($"https://127.0.0.1:{ChildProcess.FreePort()}"));
        await using var controller = await ControllerProcess.StartUnreadyAsync(kubeconfig, "default", cancellationToken);

        var (status, reason) = await UntilReadyzAsync(controller, "127.0.0.1", cancellationToken);

        Assert.That(status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(reason, Does.Contain("[-]api: "));
        Assert.That(controller.ReadLog(), Does.Contain("Not connected to the Kubernetes API"));
        Assert.That(await controller.TerminateAsync(TimeSpan.FromSeconds(30), cancellationToken), Is.True);
        Assert.That(controller.ExitCode, Is.Zero);
        folder.Delete(recursive: true);
    }

    [Test]
    public async Task CRD_that_is_missing_is_told_and_its_arrival_makes_the_controller_ready(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("rollout-kubeconfig-");
        using var authority = TestCertificates.Authority("api");
        var isThere = false;
        await using var api = await TestApi.StartAsync(context => AnswerAsync(context, isThere), authority.Issue("localhost"));
        await using var controller = await ControllerProcess.StartUnreadyAsync(Kubeconfig(folder, api.Address), "default", cancellationToken);

        var (status, reason) = await UntilReadyzAsync(controller, "kubectl apply -f crds/rollouts.yaml", cancellationToken);
        Assert.That(status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(reason, Does.Contain("[-]Rollout: the cache is not filled"));

        isThere = true;
        (status, _) = await UntilReadyzAsync(controller, "ok", cancellationToken, seconds: 60);
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        folder.Delete(recursive: true);
    }

    /// <summary>An API server without any object: lists are empty and watches are silent.</summary>
    private static async Task AnswerAsync(HttpContext context, bool servesRollouts)
    {
        context.Response.ContentType = "application/json";
        var path = context.Request.Path.Value!;
        if (path.Contains("rollouts.dev", StringComparison.Ordinal) && !servesRollouts)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            await context.Response.WriteAsync("""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","message":"the server could not find the requested resource","code":404}""");
        }
        else if (context.Request.Query["watch"] is ["true" or "1"])
        {
            await context.Response.StartAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        else
        {
            await context.Response.WriteAsync(path.Contains("/namespaces/", StringComparison.Ordinal)
                ? """{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}"""
                : """{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"v1","resources":[{"name":"endpointslices","namespaced":true,"kind":"EndpointSlice","verbs":["list","watch"]}]}""");
        }
    }

    private static string Kubeconfig(DirectoryInfo folder, Uri server)
    {
        var file = Path.Combine(folder.FullName, "config");
        File.WriteAllText(
            file,
            $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters: [{name: test, cluster: {server: "{{server}}", insecure-skip-tls-verify: true} }]
            users: [{name: test, user: {token: none} }]
            contexts: [{name: test, context: {cluster: test, user: test} }]
            """);
        return file;
    }

    private static async Task<(HttpStatusCode Status, string Body)> UntilReadyzAsync(ControllerProcess controller, string part, CancellationToken cancellationToken, double seconds = 30)
    {
        using var http = new HttpClient();
        return await WaitFor.StateAsync(
            async token =>
            {
                using var answer = await http.GetAsync(new Uri(controller.Url, "/readyz"), token);
                return (answer.StatusCode, Body: await answer.Content.ReadAsStringAsync(token));
            },
            answer => answer.Body.Contains(part, StringComparison.Ordinal), TimeSpan.FromSeconds(seconds), $"'{part}' on /readyz", cancellationToken);
    }
}
