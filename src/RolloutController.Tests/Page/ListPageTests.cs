using System.Text.RegularExpressions;
using Microsoft.Playwright;
using NUnit.Framework;
using RolloutController.Tests.Hosting.Page;

namespace RolloutController.Tests.Page;

internal sealed class ListPageTests : BrowserTest
{
    [TestCase(1280, false, "list")]
    [TestCase(1280, true, "list-dark")]
    [TestCase(390, false, "list-phone")]
    public async Task Those_that_need_attention_come_first(int width, bool dark, string picture)
    {
        await ServeAsync(null);
        await FillAsync();
        var page = await OpenAsync(width: width, dark: dark);

        await Assertions.Expect(page.Locator("a.row strong")).ToHaveTextAsync(["payments", "search", "checkout", "cart", "shop", "catalog", "mail"]);
        await Assertions.Expect(page.Locator("a.row .badge")).ToHaveTextAsync(["Rolling back", "Invalid", "Stalled", "Rolled back", "Paused", "Progressing", "Healthy"]);
        await Assertions.Expect(page.Locator(".tally")).ToHaveTextAsync("5 need attention · 1 progressing · 1 healthy");
        await Assertions.Expect(page).ToHaveTitleAsync("(5) Rollouts");
        Assert.That(await IsTooWideAsync(page), Is.False);
        await KeepAsync(page, picture);
    }

    [Test]
    public async Task It_follows_what_happens()
    {
        await ServeAsync(null);
        await Stage.RolloutAsync(Shop.Healthy());
        var page = await OpenAsync();
        await Assertions.Expect(page.Locator("a.row .badge")).ToHaveTextAsync("Healthy");

        await Stage.RolloutAsync(Shop.Judging(1, 10, 0));
        await Assertions.Expect(page.Locator("a.row .weight")).ToHaveTextAsync("25 %");
        await Assertions.Expect(page.Locator("#announcer")).ToHaveTextAsync("shop: Progressing, 25 % of the traffic");
        await Stage.RolloutAsync(new Shop(Clock.GetUtcNow(), "new").Healthy());
        await Assertions.Expect(page.Locator("a.row")).ToHaveCountAsync(2);
        Stage.RemoveRollout(Shop.Key);
        await Assertions.Expect(page.Locator("a.row strong")).ToHaveTextAsync(["new"]);
    }

    [Test]
    public async Task A_keyboard_is_enough()
    {
        await ServeAsync(null);
        await FillAsync();
        var page = await OpenAsync();
        await Assertions.Expect(page.Locator("a.row")).ToHaveCountAsync(7);

        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("k");
        await Assertions.Expect(page.Locator("a.row:focus strong")).ToHaveTextAsync("search");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("h1:focus")).ToHaveTextAsync("store/search");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Locator("a.row:focus strong")).ToHaveTextAsync("search");
    }

    [Test]
    public async Task The_focus_stays_where_it_is_when_the_order_changes()
    {
        await ServeAsync(null);
        await FillAsync();
        var page = await OpenAsync();
        await page.Locator("a.row", new() { HasText = "mail" }).FocusAsync();

        await Stage.RolloutAsync(new Shop(Clock.GetUtcNow(), "mail").RollingBack());

        await Assertions.Expect(page.Locator("a.row:focus .badge")).ToHaveTextAsync("Rolling back");
    }

    [Test]
    public async Task It_can_be_narrowed_and_the_address_shared()
    {
        await ServeAsync(null);
        await FillAsync();
        var page = await OpenAsync();
        await Assertions.Expect(page.Locator("a.row")).ToHaveCountAsync(7);

        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("rolled store/");
        await Assertions.Expect(page.Locator("a.row strong")).ToHaveTextAsync("cart");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex(@"#/\?filter=rolled\+store%2F$"));

        var other = await OpenAsync("#/?filter=nothing");
        await Assertions.Expect(other.Locator(".none")).ToHaveTextAsync("None of 7 Rollouts matches “nothing”.");
        await Assertions.Expect(other.Locator("#filter")).ToHaveValueAsync("nothing");
    }

    [Test]
    public async Task Without_Rollouts_it_says_how_to_make_one()
    {
        await ServeAsync(null);
        var page = await OpenAsync();

        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("No Rollouts yet");
        await Assertions.Expect(page.Locator("pre")).ToContainTextAsync("kubectl apply -f");
        await KeepAsync(page, "list-empty");

        await Stage.RolloutAsync(Shop.Healthy());
        await Assertions.Expect(page.Locator("a.row strong")).ToHaveTextAsync("shop");
    }

    private async Task FillAsync()
    {
        var now = Clock.GetUtcNow();
        await Stage.RolloutAsync(new Shop(now, "mail").Healthy());
        await Stage.RolloutAsync(new Shop(now, "catalog").Judging(0, 240, 1));
        await Stage.RolloutAsync(new Shop(now, "shop").Waiting());
        await Stage.RolloutAsync(new Shop(now, "cart").RolledBack());
        await Stage.RolloutAsync(new Shop(now, "search").Invalid());
        await Stage.RolloutAsync(new Shop(now, "payments").RollingBack());
        await Stage.RolloutAsync(new Shop(now, "checkout").Judging(1, 288, 1, "ProviderError", "ProviderError", "Prometheus at http://prometheus.monitoring:9090 does not answer; no look came through for 11 minutes", stalled: true));
        foreach (var name in new[] { "catalog", "shop", "cart", "payments", "checkout" })
        {
            var shop = new Shop(now, name);
            Stage.Revision(shop.Key, Shop.Old, 7, $"registry.example/store/{name}:1.4.2", 2, 2);
            Stage.Revision(shop.Key, Shop.New, 8, $"registry.example/store/{name}:1.5.0", 1, 1);
        }
    }
}
