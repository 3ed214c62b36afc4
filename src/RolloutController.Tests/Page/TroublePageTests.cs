using Microsoft.Playwright;
using NUnit.Framework;
using RolloutController.Control.Health;

namespace RolloutController.Tests.Page;

internal sealed class TroublePageTests : BrowserTest
{
    [Test]
    public async Task A_Rollout_that_is_not_there_is_said_so_until_it_comes()
    {
        await ServeAsync(null);
        await Stage.RolloutAsync(Shop.Healthy());
        Stage.RemoveRollout(Shop.Key);
        var page = await OpenAsync("#/store/shop");

        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("There is no such Rollout");
        await KeepAsync(page, "detail-none");
        await Stage.RolloutAsync(Shop.Healthy());
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("store/shop");
    }

    [TestCase(1280, "not-ready")]
    [TestCase(390, "not-ready-phone")]
    public async Task Not_ready_it_says_what_is_missing(int width, string picture)
    {
        Report.ReadyChecks =
        [
            new HealthCheck("Rollout", false, "the cache is not filled: the server has no such kind; if the CRD is missing: kubectl apply -f crds/rollouts.yaml"),
            new HealthCheck("configuration", true, "It is complete."),
        ];
        await ServeAsync(null);
        var page = await OpenAsync(width: width);

        await Assertions.Expect(page.Locator(".notice.bad li")).ToHaveTextAsync("Rollout: the cache is not filled: the server has no such kind; if the CRD is missing: kubectl apply -f crds/rollouts.yaml");
        Assert.That(await IsTooWideAsync(page), Is.False);
        await KeepAsync(page, picture);

        Report.ReadyChecks = [];
        await Assertions.Expect(page.Locator(".notice")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("No Rollouts yet");
    }

    [Test]
    public async Task A_lost_connection_is_said_and_what_was_known_stays_until_it_is_back()
    {
        await ServeAsync(null);
        await new ShopStory(Stage, Clock).UpToTheSecondStepAsync();
        var page = await OpenAsync("#/store/shop", mayComplain: true);
        await Assertions.Expect(page.Locator("#connection")).ToHaveTextAsync("Live · read-only");

        await Host.App.StopAsync();
        await Assertions.Expect(page.Locator(".notice.wait")).ToContainTextAsync("The connection to the controller is lost. What you see is from ");
        await Assertions.Expect(page.Locator("#connection")).ToHaveTextAsync("Not connected");
        await Assertions.Expect(page.Locator(".headline")).ToContainTextAsync("1,120 requests judged");
        await KeepAsync(page, "connection-lost");

        await using var first = Host;
        await ServeAgainAsync();
        await Assertions.Expect(page.Locator(".notice.wait")).ToHaveCountAsync(0);
    }

    [Test]
    public async Task Without_a_script_it_says_what_else_there_is()
    {
        await ServeAsync(null);

        Assert.That(await Host.Client.GetStringAsync("/"), Does.Contain("<noscript>").And.Contain("kubectl get rollouts"));
    }
}
