using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Cli;

/// <summary>What the commands say where no Kubernetes API answers, or none that is trusted.</summary>
internal sealed class ClusterTroubleTests
{
    private const string Login = "<!DOCTYPE html><html><head><title>Sign in</title></head></html>";

    [TestCase("get")]
    [TestCase("describe", "shop")]
    [TestCase("pause", "shop")]
    [TestCase("watch", "shop")]
    public async Task A_login_page_is_told_for_what_it_is(params string[] arguments)
    {
        foreach (var code in new[] { 200, 403, 404 })
        {
            var run = await RunAsync(context => Answer(context, code, "text/html; charset=utf-8", Login), arguments);
            Assert.That((run.Code, run.Output), Is.EqualTo((1, "")), run.Error);
            Assert.That(run.Error, Does.Match(@$"^No Kubernetes API answers: (get|list) /apis/rollouts\.dev/v1alpha1/namespaces/shop/rollouts(/shop)?: localhost:\d+ answers with a web page instead of JSON \({code}\)\. Log in where .+ in the kubeconfig\n$"));
        }
    }

    [Test]
    public async Task A_redirect_is_not_followed_but_told()
    {
        var run = await RunAsync(context =>
        {
            context.Response.Redirect("/login");
            return Task.CompletedTask;
        }, "get");
        Assert.That((run.Code, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.Error, Does.StartWith("No Kubernetes API answers: ").And.Contain(" sends us elsewhere, which no Kubernetes API does (302). Log in"));
    }

    [TestCase("get", "OK")]
    [TestCase("get", "{}")]
    [TestCase("describe shop", "OK")]
    [TestCase("describe shop", "{\"spec\": 1}")]
    [TestCase("describe shop", "null")]
    [TestCase("describe shop", "")]
    public async Task An_answer_that_is_no_object_of_the_API_is_told(string command, string answer)
    {
        var run = await RunAsync(context => Answer(context, 200, "application/json", answer), command.Split(' '));
        Assert.That((run.Code, run.Output), Is.EqualTo((1, "")), run.Error);
        Assert.That(run.Error, Does.StartWith("The cluster ").And.Contain("/apis/rollouts.dev/v1alpha1/namespaces/shop/rollouts").And.Not.Contain("   at "));
    }

    [Test]
    public async Task A_certificate_that_nobody_vouches_for_is_told_with_where_to_look()
    {
        using var authority = TestCertificates.Authority("ours");
        using var certificate = authority.Issue("localhost");
        var run = await RunAsync(context => context.Json("{}"), certificate, "get");
        Assert.That((run.Code, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.Error, Does.Match(@"^The connection to the cluster is not secure: no TLS connection to localhost:\d+: The remote certificate is invalid .*(UntrustedRoot|PartialChain)\. Look at server, certificate-authority-data and tls-server-name"));
    }

    [Test]
    public async Task A_refusal_that_ends_its_own_sentence_ends_once()
    {
        var run = await RunAsync(context => context.Status(422, "Invalid", "write a name. . "), "pause", "shop");
        Assert.That((run.Code, run.Error), Is.EqualTo((1, "The cluster refuses it: get /apis/rollouts.dev/v1alpha1/namespaces/shop/rollouts/shop: write a name (422)\n")));
    }

    private static Task<CommandRun> RunAsync(RequestDelegate answer, params string[] arguments) => RunAsync(answer, null, arguments);

    private static async Task<CommandRun> RunAsync(RequestDelegate answer, X509Certificate2? certificate, params string[] arguments)
    {
        await using var api = await TestApi.StartAsync(answer, certificate);
        return await RunAsync(api, "shop", arguments);
    }

    /// <summary>Runs a command against a server, in a namespace where the arguments name none.</summary>
    internal static async Task<CommandRun> RunAsync(TestApi api, string @namespace, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var kubeconfig = folder.Write("kubeconfig", Kubeconfig(api, @namespace));
        return await CommandRun.InvokeAsync([.. arguments, "--kubeconfig", kubeconfig], CancellationToken.None);
    }

    /// <summary>A kubeconfig for a server.</summary>
    internal static string Kubeconfig(TestApi api, string @namespace) => $$"""
        {apiVersion: v1, kind: Config, current-context: test, clusters: [{name: test, cluster: {server: "{{api.Address}}" } }],
         users: [{name: test, user: {} }], contexts: [{name: test, context: {cluster: test, user: test, namespace: {{@namespace}} } }]}
        """;

    private static Task Answer(HttpContext context, int code, string type, string body)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = type;
        return context.Response.WriteAsync(body, context.RequestAborted);
    }
}
