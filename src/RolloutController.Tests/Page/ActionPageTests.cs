using System.Net;
using Microsoft.Playwright;
using NUnit.Framework;
using RolloutController.Hosting.Page;
using RolloutController.Tests.Hosting.Page;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Page;

internal sealed class ActionPageTests : BrowserTest
{
    private const string Address = "#/store/shop";

    [Test]
    public async Task Promote_and_abort_ask_first()
    {
        await ServeAsync([]);
        await new ShopStory(Stage, Clock).UpToThePersonAsync();
        var page = await OpenAsync(Address);
        await Assertions.Expect(page.Locator(".operations button")).ToHaveTextAsync(["Promote", "Pause", "Skip step", "To 100 %", "Abort"]);
        await KeepAsync(page, "detail-waits-for-a-person");

        await page.GetByRole(AriaRole.Button, new() { Name = "Abort" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "Abort this rollout?" })).ToBeVisibleAsync();
        await KeepAsync(page, "detail-abort");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Locator("#question")).ToBeHiddenAsync();
        Assert.That(Asked("verb"), Is.Null);

        await page.GetByRole(AriaRole.Button, new() { Name = "Promote" }).ClickAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#outcome")).ToContainTextAsync("Promote of c06ca5450c is asked for.");
        Assert.That((Asked("verb"), Asked("revision")), Is.EqualTo(("Promote", Shop.New)));

        await page.GetByRole(AriaRole.Button, new() { Name = "Abort" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Abort" }).ClickAsync();
        await Assertions.Expect(page.Locator("#outcome")).ToContainTextAsync("Abort of c06ca5450c is asked for.");
        Assert.That((Asked("verb"), Asked("revision")), Is.EqualTo(("Abort", Shop.New)));
    }

    [Test]
    public async Task Pause_becomes_resume()
    {
        await ServeAsync([]);
        await Stage.RolloutAsync(Shop.Healthy());
        var page = await OpenAsync(Address);

        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Assertions.Expect(page.Locator("#outcome")).ToContainTextAsync("shop is paused");
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Assertions.Expect(page.Locator("#outcome")).ToContainTextAsync("shop goes on.");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Pause" })).ToBeVisibleAsync();
    }

    [Test]
    public async Task A_version_that_failed_can_be_tried_again()
    {
        await ServeAsync([]);
        await Stage.RolloutAsync(Shop.RolledBack());
        var page = await OpenAsync(Address);

        await page.GetByRole(AriaRole.Button, new() { Name = "Retry" }).ClickAsync();

        await Assertions.Expect(page.Locator("#outcome")).ToContainTextAsync("Retry of c06ca5450c is asked for.");
        Assert.That((Asked("verb"), Asked("revision")), Is.EqualTo(("Retry", Shop.New)));
    }

    [TestCase(1280, "list-actions")]
    [TestCase(390, "list-actions-phone")]
    public async Task What_else_can_be_done_is_offered_in_every_view(int width, string picture)
    {
        var pressed = new List<string>();
        await ServeAsync(Action("ship-good", "Ship a good version"), Action("ship-bad", "Ship a bad version", isDangerous: true), Action("break-prometheus", "Break Prometheus", isDangerous: true), Action("kill-stable", "Kill stable pods", isDangerous: true));
        await new ShopStory(Stage, Clock).RestAsync();
        var page = await OpenAsync(width: width);

        await Assertions.Expect(page.Locator(".toolbar button")).ToHaveTextAsync(["Ship a good version", "Ship a bad version", "Break Prometheus", "Kill stable pods"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Ship a good version" }).ClickAsync();
        await Assertions.Expect(page.Locator("#outcome")).ToContainTextAsync("ship-good is done.");
        await KeepAsync(page, picture);
        Assert.That(await IsTooWideAsync(page), Is.False);

        await page.Locator("a.row").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Kill stable pods" }).ClickAsync();
        await Assertions.Expect(page.Locator("#outcome")).ToContainTextAsync("kill-stable is done.");
        Assert.That(pressed, Is.EqualTo(new[] { "ship-good", "kill-stable" }));

        PageAction Action(string id, string label, bool isDangerous = false) => new(
            id,
            label,
            $"Does {id}.",
            _ =>
            {
                pressed.Add(id);
                return Task.FromResult(new ActionOutcome(true, $"{id} is done."));
            },
            isDangerous);
    }

    [Test]
    public async Task What_is_refused_is_said_until_it_is_closed()
    {
        await ServeAsync([]);
        await Stage.RolloutAsync(Shop.Healthy());
        var page = await OpenAsync(Address, mayComplain: true);
        Api.OnRequest = request => request.Verb == "patch" ? throw FakeKubernetesClient.Error(HttpStatusCode.Forbidden, message: "rollouts.dev is forbidden") : Task.CompletedTask;

        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Assertions.Expect(page.Locator("#outcome [role=alert]")).ToContainTextAsync("The Kubernetes API refuses it: rollouts.dev is forbidden");
        await KeepAsync(page, "action-refused");
        await page.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await Assertions.Expect(page.Locator("#outcome")).ToBeEmptyAsync();
    }

    private string? Asked(string field) => (string?)Api.Find("rollouts", Shop.Key)!["spec"]!["operation"]?[field];
}
