using Microsoft.Playwright;
using NUnit.Framework;
using RolloutController.Tests.Crd;
using RolloutController.Tests.Page;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>The page of a controller in a cluster, by which people act with tokens: the process, the API server and a browser.</summary>
[Category("Cluster")]
[CancelAfter(180_000)]
internal sealed class TokenPageTests : BrowserTest
{
    private ClusterApi _cluster = null!;
    private TestNamespace _namespace = null!;
    private ControllerProcess? _controller;

    /// <inheritdoc/>
    protected override Uri Site => _controller!.Url;

    private static CancellationToken Cancellation => TestContext.CurrentContext.CancellationToken;

    [SetUp]
    public async Task StartAsync()
    {
        _cluster = ClusterApi.FromEnvironment();
        _namespace = await TestNamespace.CreateAsync(_cluster, Cancellation);
        var kubeconfig = await ClusterSession.AccountAsync(_cluster, Cancellation);
        await _cluster.ApplyAsync(await File.ReadAllTextAsync(RepositoryFiles.PathOf("deploy/optional/rbac-page-actions.yaml"), Cancellation), _namespace.Name, Cancellation);
        await _cluster.ApplyAsync((new RolloutBuilder(Manifests.Template("v1")) { MaxErrorRate = null, HttpRoutes = [] }).Yaml(), _namespace.Name, Cancellation);
        _controller = await ControllerProcess.StartAsync(kubeconfig, _namespace.Name, null, Cancellation, null, "--page-actions");
    }

    // A page that is open when the controller ends complains of it, so each test closes its own.
    [TearDown]
    public async Task StopAsync()
    {
        if (_controller is not null)
            await _controller.DisposeAsync();
        if (_namespace is not null)
            await _namespace.DisposeAsync();
        _cluster?.Dispose();
        _controller = null;
    }

    [Test]
    public async Task Who_pastes_a_token_acts_until_it_is_forgotten()
    {
        var token = await PageUser.CreateAsync(_cluster, _namespace.Name, "deployer", "patch", Cancellation);
        var page = await OpenAsync($"#/{_namespace.Name}/shop");

        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "Who is acting?" })).ToBeVisibleAsync();
        await KeepAsync(page, "token-asked");
        await page.GetByLabel("Kubernetes token").FillAsync(token);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#outcome")).ToContainTextAsync("shop is paused");
        await KeepAsync(page, "token-acted");

        await page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Assertions.Expect(page.Locator("#outcome")).ToContainTextAsync("shop goes on.");
        Assert.That(await page.EvaluateAsync<string>("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"), Does.Not.Contain(token), "it is in memory alone");
        await page.GetByRole(AriaRole.Button, new() { Name = "Forget the token" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "Who is acting?" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(page.Locator("#token")).ToBeHiddenAsync();
        Assert.That((await _cluster.GetAsync(ClusterPath.Rollouts(_namespace.Name, "shop"), Cancellation)).Flag("spec.paused"), Is.False);
        await page.CloseAsync();
    }

    [Test]
    public async Task Who_has_no_right_is_told_which_one_is_missing()
    {
        var token = await PageUser.CreateAsync(_cluster, _namespace.Name, "visitor", "get", Cancellation);
        var page = await OpenAsync($"#/{_namespace.Name}/shop", width: 390, mayComplain: true);

        await page.GetByRole(AriaRole.Button, new() { Name = "Use a token" }).ClickAsync();
        await page.GetByLabel("Kubernetes token").FillAsync(token);
        await page.GetByRole(AriaRole.Button, new() { Name = "Use it" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();

        await Assertions.Expect(page.Locator("#outcome [role=alert]")).ToContainTextAsync("visitor may not patch");
        await KeepAsync(page, "token-refused-phone");
        Assert.That(await IsTooWideAsync(page), Is.False);
        await page.CloseAsync();
    }
}
