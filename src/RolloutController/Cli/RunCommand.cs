using System.Collections;
using System.CommandLine;
using RolloutController.Hosting;
using RolloutController.Hosting.Options;

namespace RolloutController.Cli;

/// <summary>The command <c>run</c>: the controller itself.</summary>
internal static class RunCommand
{
    private static readonly Option<string> SettingsFile = new(Settings.FileOption)
    {
        HelpName = "FILE",
        Description = $"The file of settings. Without: {Settings.FileName} beside the executable. Environment: {Settings.FileVariable}.",
    };

    private static readonly Option<string> Kubeconfig = Text(Settings.Kubeconfig, "FILE", "The kubeconfig. Without: KUBECONFIG, then the pod's service account, then ~/.kube/config.");
    private static readonly Option<string> Context = Text(Settings.Context, "NAME", "The context in the kubeconfig. Without: its current one.");
    private static readonly Option<string[]> Namespaces = new(Settings.Namespaces.Option!, "-n")
    {
        HelpName = "NS",
        Description = Describe(Settings.Namespaces, "A namespace to look after; may be given several times. Without: all."),
    };

    private static readonly Option<string> Prometheus = Text(Settings.PrometheusAddress, "URL", "Where metrics are asked. Without: Rollouts whose analysis needs metrics are refused.");
    private static readonly Option<string> Listen = Text(Settings.Listen, "ADDRESS:PORT", "Where the page, health and metrics are served. Without: 0.0.0.0:8080.");
    private static readonly Option<string> LogFormat = Text(Settings.LogFormat, "text|json", "How log lines are written. Without: text.");
    private static readonly Option<string> LogLevel = Text(Settings.LogLevel, "LEVEL", $"The least severe level to log: {string.Join(", ", LogNames.Levels)}. Without: info.");
    private static readonly Option<bool> NoLeaderElection = new(Settings.LeaderElection.Option!)
    {
        Description = $"Act without being elected; run no second replica then. Environment: {Settings.LeaderElection.Variable}=false.",
    };

    private static readonly Option<bool> NoPage = new(Settings.Page.Option!)
    {
        Description = $"Serve no web page. Environment: {Settings.Page.Variable}=false.",
    };

    private static readonly Option<bool> PageActions = new(Settings.PageActions.Option!)
    {
        Description = $"Let people act by the page, each with a Kubernetes token that is checked. Environment: {Settings.PageActions.Variable}=true.",
    };

    static RunCommand()
    {
        Check(Listen, text => ListenAddress.TryParse(text, out _), ListenAddress.Hint);
        Check(LogFormat, text => LogNames.TryParseFormat(text, out _), LogNames.FormatHint);
        Check(LogLevel, text => LogNames.TryParseLevel(text, out _), LogNames.LevelHint);
    }

    /// <summary>Makes the command.</summary>
    /// <param name="addControl">Adds the controller's services to the host.</param>
    public static Command Create(Action<WebApplicationBuilder, ControllerOptions>? addControl)
    {
        var command = new Command("run", "Runs the controller until SIGTERM. In a cluster it needs no option but the address of Prometheus.")
        {
            SettingsFile, Kubeconfig, Context, Namespaces, Prometheus, Listen, LogFormat, LogLevel, NoLeaderElection, NoPage, PageActions,
        };
        command.SetAction((result, cancellationToken) => ControllerHost.RunAsync(ReadOptions(result), addControl, cancellationToken));
        return command;
    }

    /// <summary>The options that a command line makes with the environment and the file of settings.</summary>
    internal static ControllerOptions ReadOptions(ParseResult result)
    {
        var environment = ReadEnvironment();
        var named = result.GetValue(SettingsFile) ?? environment.GetValueOrDefault(Settings.FileVariable);
        return string.IsNullOrWhiteSpace(named)
            ? OptionsReader.Read(Path.Combine(AppContext.BaseDirectory, Settings.FileName), environment, ReadCommandLine(result))
            : OptionsReader.Read(named.Trim(), environment, ReadCommandLine(result), isNamed: true);
    }

    private static Dictionary<Setting, string> ReadCommandLine(ParseResult result)
    {
        var values = new Dictionary<Setting, string>();
        foreach (var (setting, option) in new[] { (Settings.Kubeconfig, Kubeconfig), (Settings.Context, Context), (Settings.PrometheusAddress, Prometheus), (Settings.Listen, Listen), (Settings.LogFormat, LogFormat), (Settings.LogLevel, LogLevel) })
        {
            if (result.GetValue(option) is { } value)
                values[setting] = value;
        }
        if (result.GetValue(Namespaces) is { Length: > 0 } namespaces)
            values[Settings.Namespaces] = string.Join(',', namespaces);
        if (result.GetValue(NoLeaderElection))
            values[Settings.LeaderElection] = bool.FalseString;
        if (result.GetValue(NoPage))
            values[Settings.Page] = bool.FalseString;
        if (result.GetValue(PageActions))
            values[Settings.PageActions] = bool.TrueString;
        return values;
    }

    private static Dictionary<string, string> ReadEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");

    private static Option<string> Text(Setting setting, string helpName, string description) =>
        new(setting.Option!) { HelpName = helpName, Description = Describe(setting, description) };

    private static string Describe(Setting setting, string description) => $"{description} Environment: {setting.Variable}.";

    private static void Check(Option<string> option, Predicate<string> isValid, string hint) => option.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: var text }] && !isValid(text))
            result.AddError($"{option.Name} is \"{text}\": {hint}.");
    });
}
