using System.Net;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Hosting.Page;
using RolloutController.Tests.Crd;
using RolloutController.Tests.Secrecy;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>People who act by the page of a cluster: the API server says who they are and what they may do.</summary>
internal sealed class PageActionTests : ControllerTest
{
    /// <inheritdoc/>
    protected override IReadOnlyList<string> Arguments => ["--page-actions"];

    [SetUp]
    public async Task AllowAskingAsync() => await ApplyAsync(await File.ReadAllTextAsync(RepositoryFiles.PathOf("deploy/optional/rbac-page-actions.yaml"), Cancellation));

    [Test]
    public async Task Who_may_patch_the_Rollout_acts_and_is_named()
    {
        await ApplyAsync(Rollout("v1"));
        var token = await PageUser.CreateAsync(Api, Namespace, "deployer", "patch", Cancellation);

        var (status, message) = await PauseAsync(token);

        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted), message);
        var rollout = await Api.GetAsync(ClusterPath.Rollouts(Namespace, "shop"), Cancellation);
        Assert.That(rollout.Flag("spec.paused"), Is.True);
        Assert.That((string?)rollout!["metadata"]!["annotations"]![RolloutActions.LastRequest], Does.Match($@"^Pause by system:serviceaccount:{Namespace}:deployer at \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"));
        Assert.That(Controller.ReadLog(), Does.Contain($"was asked for by system:serviceaccount:{Namespace}:deployer").And.Not.Contain(token));
    }

    [Test]
    public async Task Who_may_only_look_does_not()
    {
        await ApplyAsync(Rollout("v1"));

        var (status, message) = await PauseAsync(await PageUser.CreateAsync(Api, Namespace, "visitor", "get", Cancellation));

        Assert.That(status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(message, Does.Contain($"system:serviceaccount:{Namespace}:visitor may not patch"));
        Assert.That((await Api.GetAsync(ClusterPath.Rollouts(Namespace, "shop"), Cancellation)).Flag("spec.paused"), Is.Not.True);
    }

    [Test]
    public async Task A_right_on_another_Rollout_is_none_on_this()
    {
        await ApplyAsync(Rollout("v1"));
        var token = await PageUser.CreateAsync(Api, Namespace, "other", "patch", Cancellation, "blog");

        Assert.That((await PauseAsync(token)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Without_a_good_token_nobody_acts([Values] bool withToken)
    {
        await ApplyAsync(Rollout("v1"));

        var (status, message) = await PauseAsync(withToken ? Canary.Of("no-token") : null);

        Assert.That(status, Is.EqualTo(HttpStatusCode.Unauthorized), message);
        Assert.That((await Api.GetAsync(ClusterPath.Rollouts(Namespace, "shop"), Cancellation)).Flag("spec.paused"), Is.Not.True);
    }

    [Test]
    public async Task The_page_says_that_it_asks_for_a_token()
    {
        using var http = new HttpClient();

        var page = JsonNode.Parse(await http.GetStringAsync(new Uri(Controller.Url, "/api/v1/page"), Cancellation));

        Assert.That((page.Flag("canAct"), page.Flag("asksForToken")), Is.EqualTo((true, true)));
    }

    private async Task<(HttpStatusCode Status, string Message)> PauseAsync(string? token)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Controller.Url, $"/api/v1/rollouts/{Namespace}/shop/operations"))
        {
            Content = new StringContent("""{"verb":"Pause"}""", null, "application/json"),
        };
        request.Headers.Add(ActionCheck.Header, "1");
        if (token is not null)
            request.Headers.Add("Authorization", $"Bearer {token}");
        using var answer = await http.SendAsync(request, Cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }
}

/// <summary>A service account that acts by the page.</summary>
internal static class PageUser
{
    /// <summary>Makes one with one right on one Rollout.</summary>
    /// <returns>A token of it.</returns>
    public static async Task<string> CreateAsync(ClusterApi api, string @namespace, string name, string verb, CancellationToken cancellationToken, string rollout = "shop")
    {
        await api.ApplyAsync(
            $"""
            apiVersion: v1
            kind: ServiceAccount
            metadata: {Named(name)}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {Named(name)}
            rules:
              - apiGroups: [rollouts.dev]
                resources: [rollouts]
                verbs: [{verb}]
                resourceNames: [{rollout}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {Named(name)}
            roleRef:
              apiGroup: rbac.authorization.k8s.io
              kind: Role
              name: {name}
            subjects:
              - kind: ServiceAccount
                name: {name}
                namespace: {@namespace}
            """,
            @namespace,
            cancellationToken);
        var request = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = new JsonObject { ["expirationSeconds"] = 3600 } };
        var answer = await api.CreateAsync($"/api/v1/namespaces/{@namespace}/serviceaccounts/{name}/token", request, cancellationToken);
        return Canary.Keep(answer.Text("status.token")!, "the token of a user of the page");
    }

    private static string Named(string name) => $"{{name: {name}}}";
}
