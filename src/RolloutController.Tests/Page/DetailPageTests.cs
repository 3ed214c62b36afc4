using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using NUnit.Framework;
using RolloutController.Tests.Hosting.Page;

namespace RolloutController.Tests.Page;

internal sealed class DetailPageTests : BrowserTest
{
    private const string Address = "#/store/shop";

    [TestCase(1280, false, "detail")]
    [TestCase(1280, true, "detail-dark")]
    [TestCase(390, false, "detail-phone")]
    public async Task It_shows_where_a_rollout_is_and_what_it_waits_for(int width, bool dark, string picture)
    {
        await ServeAsync(null);
        await new ShopStory(Stage, Clock).UpToTheSecondStepAsync();
        var page = await OpenAsync(Address, width, dark);

        await Assertions.Expect(page.Locator(".badge").First).ToHaveTextAsync("Progressing");
        await Assertions.Expect(page.Locator(".headline")).ToHaveTextAsync(new Regex("^25 %: 1,120 requests judged, 3 errors"));
        await Assertions.Expect(page.Locator(".steps strong")).ToHaveTextAsync(["5 %", "25 %", "50 %", "100 %"]);
        await Assertions.Expect(page.Locator(".steps [aria-current] strong")).ToHaveTextAsync("25 %");
        await Assertions.Expect(page.Locator(".shares .stable")).ToContainTextAsync("75 %shop:1.4.2a5ce38cafb10 of 10 pods ready");
        await Assertions.Expect(page.Locator(".shares .canary")).ToContainTextAsync("25 %shop:1.5.0c06ca5450c3 of 3 pods ready");
        await Assertions.Expect(page.Locator(".check.good[data-key=requests]")).ToContainTextAsync("1,120 counted, 477 needed");
        await Assertions.Expect(page.Locator(".check.good[data-key=rate]")).ToContainTextAsync("0.27 %, at most 0.5 %: 3 errors in 1,120 requests");
        await Assertions.Expect(page.Locator(".revision.canary .pod")).ToHaveCountAsync(3);
        await Assertions.Expect(page.Locator("ol.history li").Last).ToContainTextAsync("c06ca5450c sets out to replace a5ce38cafb");
        await Assertions.Expect(page.Locator("svg.chart")).ToHaveAttributeAsync("aria-label", new Regex("^Chart: the weight goes to 25 %.*the error rate is 0.49 % at the most"));
        await Assertions.Expect(page.Locator("button:visible")).ToHaveCountAsync(0);
        await Assertions.Expect(page).ToHaveTitleAsync("25 % · shop: Progressing");
        Assert.That(await IsTooWideAsync(page), Is.False);
        await KeepAsync(page, picture);
    }

    [Test]
    public async Task It_follows_what_happens()
    {
        await ServeAsync(null);
        await new ShopStory(Stage, Clock).RestAsync();
        var page = await OpenAsync(Address);
        await Assertions.Expect(page.Locator(".badge").First).ToHaveTextAsync("Healthy");

        await Stage.RolloutAsync(Shop.Raising(0));
        await Assertions.Expect(page.Locator(".headline")).ToContainTextAsync("waits for pods");
        Stage.Revision(Shop.Key, Shop.New, 8, "shop:1.5.0", 0, 1, "CrashLoopBackOff");
        await Assertions.Expect(page.Locator(".pod.bad")).ToContainTextAsync("container app crashes again and again (4 restarts, last exit 1 Error)");
        await KeepAsync(page, "detail-crash-loop");
        Stage.Revision(Shop.Key, Shop.New, 8, "shop:1.5.0", 1, 1);
        await Assertions.Expect(page.Locator(".pod.bad")).ToHaveCountAsync(0);
        await Stage.RolloutAsync(Shop.Judging(0, 100, 0));
        await Assertions.Expect(page.Locator(".check.wait[data-key=requests]")).ToContainTextAsync("100 of 154");
        await Assertions.Expect(page.Locator("#announcer")).ToHaveTextAsync("shop: Progressing, 5 % of the traffic");
        await Stage.RolloutAsync(Shop.Judging(0, 10, 0, "ProviderError", "ProviderError", "Prometheus does not answer"));
        await Assertions.Expect(page.Locator(".check.wait[data-key=rate]")).ToContainTextAsync("not known: Prometheus does not answer");
    }

    [Test]
    public async Task It_shows_what_the_Rollout_looks_at_itself()
    {
        await ServeAsync(null);
        await new ShopStory(Stage, Clock).UpToTheSecondStepAsync();
        await Stage.RolloutAsync(Shop.Checked());
        var page = await OpenAsync(Address);

        await Assertions.Expect(page.Locator(".check.good[data-key='check ready']")).ToContainTextAsync("3 pods answer as they should");
        await Assertions.Expect(page.Locator(".check.wait[data-key='check memory']")).ToContainTextAsync("memory is 81 % of the limit");
        await Assertions.Expect(page.Locator(".check.good[data-key='check slow']")).ToContainTextAsync("1.07 %, at most 5%: 12 of 1,120 requests slow");
        await Assertions.Expect(page.Locator(".check.wait[data-key='check smoke']")).ToContainTextAsync("no look yet");
        await Assertions.Expect(page.Locator(".check.bad[data-key='check queue']")).ToContainTextAsync("the query yields 1400");
        Assert.That(await IsTooWideAsync(page), Is.False);
        await KeepAsync(page, "detail-checks");

        await Stage.RolloutAsync(Shop.AtGates());
        await Assertions.Expect(page.Locator("[data-key=checks] h2")).ToContainTextAsync("Before any traffic");
        await Assertions.Expect(page.Locator(".check.wait[data-key='check approved']")).ToContainTextAsync("nobody has approved");
        await Assertions.Expect(page.Locator(".check[data-key=requests]")).ToHaveCountAsync(0);
    }

    [TestCase(1280, false, "detail-rolled-back")]
    [TestCase(390, true, "detail-rolled-back-phone-dark")]
    public async Task It_says_why_a_version_was_taken_back(int width, bool dark, string picture)
    {
        await ServeAsync([]);
        await new ShopStory(Stage, Clock).FailureAsync();
        var page = await OpenAsync(Address, width, dark);

        await Assertions.Expect(page.Locator(".failure dd")).ToContainTextAsync(["Error rate", "7.99 %", "0.5 %", "23 of 288 requests failed", "c06ca5450c", ":"]);
        await Assertions.Expect(page.Locator("ol.history li").First).ToContainTextAsync("a5ce38cafb has all the traffic again");
        await Assertions.Expect(page.Locator(".steps .failed")).ToContainTextAsync("25 %, failed");
        await Assertions.Expect(page.Locator(".mark.bad")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("circle.above")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator(".operations button")).ToHaveTextAsync(["Retry", "Pause"]);
        Assert.That(await IsTooWideAsync(page), Is.False);
        await KeepAsync(page, picture);
    }

    [Test]
    public async Task Times_are_local_with_UTC_beside()
    {
        await ServeAsync(null);
        var now = Clock.GetUtcNow();
        await Stage.RolloutAsync(new Shop(now).Judging(0, 100, 0));
        var page = await OpenAsync(Address);

        var nextLook = now.AddSeconds(9);
        var local = TimeZoneInfo.ConvertTime(nextLook, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
        var shown = page.Locator(".headline time").First;
        await Assertions.Expect(shown).ToHaveTextAsync(local.ToString("HH:mm:ss", CultureInfo.InvariantCulture));
        await Assertions.Expect(shown).ToHaveAttributeAsync("title", nextLook.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
    }

    [Test]
    public async Task What_people_write_is_shown_and_never_run()
    {
        await ServeAsync(null);
        const string Hostile = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>";
        await Stage.RolloutAsync(Shop.Judging(0, 1, 0, message: Hostile));
        var page = await OpenAsync(Address);

        await Assertions.Expect(page.Locator(".headline")).ToHaveTextAsync($"5 %: {Hostile}");
        await Assertions.Expect(page.Locator("main img, main script")).ToHaveCountAsync(0);
        await Assertions.Expect(page).ToHaveTitleAsync("5 % · shop: Progressing");
    }

    [Test]
    public async Task What_was_opened_stays_open()
    {
        await ServeAsync(null);
        await Stage.RolloutAsync(Shop.Judging(0, 100, 0));
        var page = await OpenAsync(Address);

        await page.Locator("summary").ClickAsync();
        await Stage.RolloutAsync(Shop.Judging(1, 100, 0));
        await Assertions.Expect(page.Locator(".steps [aria-current] strong")).ToHaveTextAsync("25 %");

        await Assertions.Expect(page.Locator("details table")).ToBeVisibleAsync();
    }
}
