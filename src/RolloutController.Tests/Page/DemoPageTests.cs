using Microsoft.Playwright;
using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Page;

/// <summary>The demo as a person uses it: the built executable, its page in a browser, and every button.</summary>
[CancelAfter(300_000)]
internal sealed class DemoPageTests : BrowserTest
{
    private const string ShopPage = "#/default/shop";

    /// <summary>Milliseconds that a rollout of the demo may take to come to a place, on a machine that has much else to do.</summary>
    private const float LongPatience = 120_000;

    private readonly Uri _address = new($"http://127.0.0.1:{ChildProcess.FreePort()}");
    private ChildProcess? _demo;

    /// <inheritdoc/>
    protected override Uri Site => _address;

    [SetUp]
    public async Task StartDemoAsync()
    {
        var log = Path.Combine(Path.GetTempPath(), $"rollout-demo-{Guid.NewGuid():N}.log");
        _demo = ChildProcess.Start(Executable.Start("demo", "--listen", _address.Authority), log);
        await _demo.WaitUntilServingAsync(new Uri(_address, "/readyz"), TimeSpan.FromSeconds(60), TestContext.CurrentContext.CancellationToken);
    }

    [TearDown]
    public async Task StopDemoAsync()
    {
        if (_demo is not null)
            await _demo.DisposeAsync();
        _demo = null;
    }

    [Test]
    public async Task Versions_are_promoted_and_rolled_back_before_ones_eyes()
    {
        var page = await OpenAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "shop" })).ToBeVisibleAsync(Long);
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "worker" })).ToBeVisibleAsync(Long);
        await KeepAsync(page, "demo-list");

        await page.GotoAsync(new Uri(_address, "/" + ShopPage).ToString());
        await Assertions.Expect(page.Locator(".headline")).ToContainTextAsync("requests judged", Text);
        await KeepAsync(page, "demo");
        await PressAsync(page, "Ship a bad version", "and will fail");
        await Assertions.Expect(page.Locator(".card.failure")).ToContainTextAsync("Error rate", Text);
        await Assertions.Expect(page.Locator(".card.failure")).ToContainTextAsync("1 %", Text);
        await KeepAsync(page, "demo-rolled-back");

        await PressAsync(page, "Ship a good version", "is on its way");
        await Assertions.Expect(page.Locator(".operations")).ToContainTextAsync("Promote", Text);
        await page.GetByRole(AriaRole.Button, new() { Name = "Promote" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Promote" }).ClickAsync();
        await Assertions.Expect(page.Locator(".headline")).ToContainTextAsync("has all the traffic", Text);
        await page.CloseAsync();
    }

    [Test]
    public async Task Every_other_button_does_what_it_says()
    {
        var page = await OpenAsync(ShopPage, width: 390);
        await Assertions.Expect(page.Locator(".headline")).ToContainTextAsync("judged", Text);
        await PressAsync(page, "Break Prometheus", "Prometheus does not answer any more.");
        await Assertions.Expect(page.Locator(".headline")).ToContainTextAsync("provider rehearsal", Text);
        await KeepAsync(page, "demo-prometheus-broken-phone");
        Assert.That(await IsTooWideAsync(page), Is.False);
        await PressAsync(page, "Mend Prometheus", "Prometheus answers again.");

        await PressAsync(page, "Pause", "is paused");
        await Assertions.Expect(page.Locator(".headline")).ToContainTextAsync("spec.paused is true", Text);
        await PressAsync(page, "Resume", "goes on");
        await PressAsync(page, "Kill stable pods", "The stable pods crash.");
        await Assertions.Expect(page.Locator(".revision.stable .ready")).Not.ToHaveTextAsync("8 of 8 ready", new() { Timeout = LongPatience });

        await page.GetByRole(AriaRole.Button, new() { Name = "Abort" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Abort" }).ClickAsync();
        await Assertions.Expect(page.Locator(".card.failure")).ToBeVisibleAsync(Long);
        await page.CloseAsync();
    }

    [Test]
    public async Task End_of_the_demo_is_told_and_what_was_known_stays()
    {
        var page = await OpenAsync(mayComplain: true);
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "shop" })).ToBeVisibleAsync(Long);
        await StopDemoAsync();
        await Assertions.Expect(page.Locator(".notice.wait")).ToContainTextAsync("The connection to the controller is lost.", Text);
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "shop" })).ToBeVisibleAsync();
        await KeepAsync(page, "demo-ended");
    }

    private static LocatorAssertionsToBeVisibleOptions Long => new() { Timeout = LongPatience };

    private static LocatorAssertionsToContainTextOptions Text => new() { Timeout = LongPatience };

    private static async Task PressAsync(IPage page, string button, string outcome)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync(new() { Timeout = LongPatience });
        await Assertions.Expect(page.Locator("#outcome")).ToContainTextAsync(outcome, Text);
    }
}
