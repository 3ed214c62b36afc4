using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using RolloutController.Analysis.Checks;
using RolloutController.Analysis.Metrics;

namespace RolloutController.Hosting.Options;

/// <summary>
/// Puts <see cref="ControllerOptions"/> together from three layers, the command line above the environment above the file. What
/// cannot be read becomes a problem of the options and keeps its default, so that the process can stay up and say so.
/// </summary>
internal sealed class OptionsReader
{
    private const string ServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

    private readonly IConfiguration _file;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly IReadOnlyDictionary<Setting, string> _commandLine;
    private readonly List<string> _problems = [];

    private delegate bool TryParse<T>(string text, [MaybeNullWhen(false)] out T value);

    private OptionsReader(string file, IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<Setting, string> commandLine, bool isNamed)
    {
        if (isNamed && !File.Exists(file))
            _problems.Add($"{Settings.FileOption} (environment {Settings.FileVariable}) names the file {file}, which is not there: mount it, or correct the path.");
        _file = ReadFile(file);
        _environment = environment;
        _commandLine = commandLine;
    }

    /// <summary>Reads the options.</summary>
    /// <param name="file">The path of the file of settings.</param>
    /// <param name="environment">The environment of the process.</param>
    /// <param name="commandLine">What the command line sets.</param>
    /// <param name="isNamed">Whether somebody named the file: then it has to be there.</param>
    public static ControllerOptions Read(string file, IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<Setting, string> commandLine, bool isNamed = false) =>
        new OptionsReader(Path.GetFullPath(file), environment, commandLine, isNamed).Read();

    private ControllerOptions Read()
    {
        var defaults = new ControllerOptions();
        FindUnknownKeys();
        FindCluster();
        var options = defaults with
        {
            Kubeconfig = Text(Settings.Kubeconfig),
            Context = Text(Settings.Context),
            Namespaces = Text(Settings.Namespaces)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().ToArray() ?? [],
            Listen = Parse(Settings.Listen, defaults.Listen, ListenAddress.TryParse, ListenAddress.Hint),
            LogFormat = Parse(Settings.LogFormat, defaults.LogFormat, LogNames.TryParseFormat, LogNames.FormatHint),
            LogLevel = Parse(Settings.LogLevel, defaults.LogLevel, LogNames.TryParseLevel, LogNames.LevelHint),
            LeaderElection = Parse(Settings.LeaderElection, defaults.LeaderElection, bool.TryParse, "write true or false"),
            LeaseName = Text(Settings.LeaseName) ?? defaults.LeaseName,
            LeaseNamespace = Text(Settings.LeaseNamespace) ?? NamespaceOfPod(),
            HealthKey = ReadHealthKey(),
            Page = Parse(Settings.Page, defaults.Page, bool.TryParse, "write true or false"),
            PageActions = Parse(Settings.PageActions, defaults.PageActions, bool.TryParse, "write true or false"),
            Traces = TraceSettings.AreOn(_environment, _problems),
            MaxConcurrentReconciles = Parse(Settings.MaxConcurrentReconciles, defaults.MaxConcurrentReconciles, TryParseCount, "write a number from 1 to 64"),
            Providers = new ProviderReader(_file.GetSection("Providers"), Text, _problems).Read(),
            Logs = new EndpointReader(_file.GetSection("Logs"), _problems).Read(
                (name, address, field) => new LokiOptions(name, address) { TenantId = field("TenantId"), NamespaceLabel = field("NamespaceLabel") }),
            Hooks = new EndpointReader(_file.GetSection("Hooks"), _problems).Read(
                (name, address, field) => new HookOptions(name, address) { SigningKeyFile = field("SigningKeyFile") }),
            Notifications = new SinkReader(_file.GetSection("Notifications"), _problems).Read(),
        };
        return options with { Misread = _problems };
    }

    private IConfiguration ReadFile(string path)
    {
        try
        {
            return new ConfigurationBuilder().AddJsonFile(path, optional: true, reloadOnChange: false).Build().GetSection("Rollout");
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            var cause = exception.InnerException ?? exception;
            _problems.Add($"{path} cannot be read: {cause.Message} Correct the file, or take it away.");
            return new ConfigurationBuilder().Build();
        }
    }

    // A misspelled name would otherwise leave a default in force that the operator believes replaced.
    private void FindUnknownKeys()
    {
        var known = Settings.All.Select(setting => setting.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in _file.AsEnumerable(makePathsRelative: true).Where(entry => entry.Value is not null))
        {
            var parts = key.Split(':');
            var isKnown = parts switch
            {
                [var section, _, var field] when Settings.EndpointFields.TryGetValue(section, out var fields) => fields.Contains(field, StringComparer.OrdinalIgnoreCase),
                ["Notifications", _, "Namespaces", _] or ["Namespaces", _] => true,
                _ => known.Contains(key),
            };
            if (!isKnown)
                _problems.Add($"Rollout:{key} in appsettings.json is no setting: correct its name, or take it out.");
        }
    }

    // Whether there is a cluster to look for at all; what the file says is for the client to read.
    private void FindCluster()
    {
        if (Text(Settings.Kubeconfig) is { } path)
        {
            if (!File.Exists(path))
                _problems.Add($"{Settings.Kubeconfig} names the file {path}, which is not there: write the path of a kubeconfig, or leave it out in a cluster.");
            return;
        }
        var inherited = _environment.GetValueOrDefault("KUBECONFIG")?.Split(Path.PathSeparator).Any(File.Exists) == true;
        var inCluster = _environment.ContainsKey("KUBERNETES_SERVICE_HOST");
        var home = _environment.TryGetValue("HOME", out var folder) && File.Exists(Path.Combine(folder, ".kube", "config"));
        if (!inherited && !inCluster && !home)
            _problems.Add($"No cluster is configured: set {Settings.Kubeconfig} or KUBECONFIG to the path of a kubeconfig, or run in a cluster.");
    }

    private string? NamespaceOfPod()
    {
        if (_environment.GetValueOrDefault("POD_NAMESPACE") is { Length: > 0 } name)
            return name;
        var file = Path.Combine(ServiceAccount, "namespace");
        return Text(Settings.Kubeconfig) is null && File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }

    private HealthKey? ReadHealthKey()
    {
        var file = Text(Settings.HealthKeyFile);
        var key = Text(Settings.HealthKey);
        if (file is null)
            return key is null ? null : new HealthKey(key);
        if (key is not null)
        {
            _problems.Add($"{Settings.HealthKey} and {Settings.HealthKeyFile} are both set: leave one.");
            return null;
        }
        try
        {
            if (File.ReadAllText(file).Trim() is { Length: > 0 } content)
                return new HealthKey(content);
            _problems.Add($"{Settings.HealthKeyFile} names the file {file}, which is empty: put the key in.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _problems.Add($"{Settings.HealthKeyFile} names the file {file}, which cannot be read: mount it, or correct the path.");
        }
        return null;
    }

    private T Parse<T>(Setting setting, T fallback, TryParse<T> tryParse, string hint)
    {
        if (Text(setting) is not { } text)
            return fallback;
        if (tryParse(text, out var value))
            return value;
        _problems.Add($"{setting} is \"{text}\", which cannot be read: {hint}.");
        return fallback;
    }

    private static bool TryParseCount(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);

    // A chart passes what its values leave out as an empty text; so empty is not set.
    private string? Text(Setting setting) =>
        new[] { _commandLine.GetValueOrDefault(setting), _environment.GetValueOrDefault(setting.Variable), InFile(setting) }
            .FirstOrDefault(value => !string.IsNullOrWhiteSpace(value))?.Trim();

    private string? InFile(Setting setting)
    {
        var section = _file.GetSection(setting.Key);
        return section.Value ?? string.Join(',', section.GetChildren().Select(child => child.Value));
    }
}
