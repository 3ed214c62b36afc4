using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using NUnit.Framework;
using RolloutController.Control.Health;
using RolloutController.Hosting.Options;
using RolloutController.Hosting.Page;
using RolloutController.Tests.Hosting;
using RolloutController.Tests.Hosting.Page;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Page;

/// <summary>
/// Opens the page in Debian's Chromium, on a cluster that does what the test says. No test may leave an error in the console or have asked
/// another host for anything.
/// </summary>
[CancelAfter(120_000)]
internal abstract class BrowserTest
{
    private const string Executable = "chromium";

    /// <summary>Milliseconds that the page may take to come to what is expected, on a machine that has much else to do.</summary>
    private const float Patience = 20_000;

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly List<string> _complaints = [];
    private readonly List<IBrowserContext> _contexts = [];
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    protected LeapingTimeProvider Clock { get; private set; } = null!;

    protected FakeKubernetesClient Api { get; private set; } = null!;

    protected FakeReport Report { get; private set; } = null!;

    protected RunningHost Host { get; private set; } = null!;

    protected PageStage Stage { get; private set; } = null!;

    /// <summary>Where the page is.</summary>
    protected virtual Uri Site => Host.Client.BaseAddress!;

    /// <summary>What the test's Rollout looks like now.</summary>
    protected Shop Shop => new(Clock.GetUtcNow());

    [OneTimeSetUp]
    public async Task StartBrowserAsync()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, Executable)).FirstOrDefault(File.Exists);
        if (path is null)
            Assert.Ignore("The page is tested in Chromium, which is not on the PATH: apt-get install chromium");
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Headless = true, Args = Arguments });
    }

    [OneTimeTearDown]
    public async Task StopBrowserAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    [SetUp]
    public void SetUpCluster()
    {
        _complaints.Clear();
        Clock = new LeapingTimeProvider();
        Api = new FakeKubernetesClient();
        Report = new FakeReport();
    }

    [TearDown]
    public async Task LookAtComplaintsAsync()
    {
        foreach (var context in _contexts)
            await context.DisposeAsync();
        _contexts.Clear();
        if (Stage is not null)
            await Stage.DisposeAsync();
        if (Host is not null)
            await Host.DisposeAsync();
        (Stage, Host) = (null!, null!);
        Assert.That(_complaints, Is.Empty);
    }

    /// <summary>Starts the host, read-only or with actions.</summary>
    protected async Task ServeAsync(params PageAction[]? actions)
    {
        Host = await RunningHost.StartAsync(RunningHost.LocalOptions, services => AddServices(services, actions));
        Stage = await PageStage.StartAsync(Host.App.Services.GetRequiredService<RolloutFeed>(), Api);
    }

    /// <summary>Starts a host without a cluster at the address of the first.</summary>
    protected async Task ServeAgainAsync()
    {
        var options = new ControllerOptions { Listen = new IPEndPoint(IPAddress.Loopback, Host.Client.BaseAddress!.Port) };
        Host = await RunningHost.StartAsync(options, services => AddServices(services, null));
    }

    /// <summary>Opens the page.</summary>
    /// <param name="path">The view, such as <c>#/store/shop</c>.</param>
    /// <param name="width">The width of the window in pixels.</param>
    /// <param name="dark">Whether the person likes it dark.</param>
    /// <param name="mayComplain">Whether errors in the console are what the test is about.</param>
    protected async Task<IPage> OpenAsync(string path = "", int width = 1280, bool dark = false, bool mayComplain = false)
    {
        var context = await _browser!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = width < 600 ? 844 : 900 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            HasTouch = width < 600,
            TimezoneId = "Europe/Berlin",
            Locale = "en-GB",
        });
        _contexts.Add(context);
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(Patience);
        page.Request += (_, request) => Complain(!new Uri(Site, "/").IsBaseOf(new Uri(request.Url)) && !request.Url.StartsWith("data:", StringComparison.Ordinal), $"asked for {request.Url}");
        page.PageError += (_, error) => Complain(true, $"threw {error}");
        page.Console += (_, message) => Complain(!mayComplain && message.Type is "error" or "warning", $"says {message.Type}: {message.Text}");
        await page.GotoAsync(new Uri(Site, "/" + path).ToString());
        return page;
    }

    /// <summary>Keeps a picture where <c>ROLLOUT_TEST_SCREENSHOTS</c> says, or in the folder for temporary files.</summary>
    protected static async Task KeepAsync(IPage page, string name)
    {
        var folder = Environment.GetEnvironmentVariable("ROLLOUT_TEST_SCREENSHOTS") is { Length: > 0 } wanted ? wanted : Path.Combine(Path.GetTempPath(), "rollout-screenshots");
        await page.ScreenshotAsync(new() { Path = Path.Combine(Path.GetFullPath(folder), $"{name}.png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });
    }

    /// <summary>Whether the page is wider than the window, which a person on a phone would have to push about.</summary>
    protected static Task<bool> IsTooWideAsync(IPage page) => page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth");

    private void AddServices(IServiceCollection services, PageAction[]? actions)
    {
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<IHealthReport>(Report);
        if (actions is not null)
            services.AddSingleton<IPageActions>(new RolloutActions(() => Api, Clock, actions));
    }

    private void Complain(bool isFault, string complaint)
    {
        if (isFault)
        {
            lock (_complaints)
                _complaints.Add($"The page {complaint}");
        }
    }
}
