namespace RolloutController.Hosting.Options;

/// <summary>One setting under all its names.</summary>
/// <param name="Key">In <c>appsettings.json</c>, below <c>Rollout</c>.</param>
/// <param name="Variable">In the environment.</param>
/// <param name="Option">On the command line, if it has an option there.</param>
internal sealed record Setting(string Key, string Variable, string? Option = null)
{
    /// <summary>The names, as they stand in messages.</summary>
    public override string ToString() => Option is null
        ? $"{Variable} (Rollout:{Key} in appsettings.json)"
        : $"{Option} (environment {Variable}, Rollout:{Key} in appsettings.json)";
}

/// <summary>All settings.</summary>
/// <remarks>
/// No name may be one that Kubernetes makes for a Service called "rollout" or "rollout-something" (<c>..._PORT</c>, <c>..._SERVICE_HOST</c>);
/// for the same reason unknown <c>ROLLOUT_</c> variables are no mistake. https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
/// </remarks>
internal static class Settings
{
    /// <summary>The name of the file of settings where none is named.</summary>
    public const string FileName = "appsettings.json";

    /// <summary>Names another file of settings; itself it is no setting, because no file can hold it.</summary>
    public const string FileVariable = "ROLLOUT_SETTINGS";

    /// <summary>The same on the command line, which wins.</summary>
    public const string FileOption = "--settings";

    public static readonly Setting Kubeconfig = new("Kubeconfig", "ROLLOUT_KUBECONFIG", "--kubeconfig");
    public static readonly Setting Context = new("Context", "ROLLOUT_CONTEXT", "--context");
    public static readonly Setting Namespaces = new("Namespaces", "ROLLOUT_NAMESPACES", "--namespace");
    public static readonly Setting Listen = new("Listen", "ROLLOUT_LISTEN", "--listen");
    public static readonly Setting LogFormat = new("LogFormat", "ROLLOUT_LOG_FORMAT", "--log-format");
    public static readonly Setting LogLevel = new("LogLevel", "ROLLOUT_LOG_LEVEL", "--log-level");
    public static readonly Setting LeaderElection = new("LeaderElection", "ROLLOUT_LEADER_ELECTION", "--no-leader-election");
    public static readonly Setting LeaseName = new("LeaseName", "ROLLOUT_LEASE_NAME");
    public static readonly Setting LeaseNamespace = new("LeaseNamespace", "ROLLOUT_LEASE_NAMESPACE");
    public static readonly Setting HealthKey = new("HealthKey", "ROLLOUT_HEALTH_KEY");
    public static readonly Setting HealthKeyFile = new("HealthKeyFile", "ROLLOUT_HEALTH_KEY_FILE");
    public static readonly Setting Page = new("Page", "ROLLOUT_PAGE", "--no-page");
    public static readonly Setting PageActions = new("PageActions", "ROLLOUT_PAGE_ACTIONS", "--page-actions");
    public static readonly Setting MaxConcurrentReconciles = new("MaxConcurrentReconciles", "ROLLOUT_MAX_CONCURRENT_RECONCILES");
    public static readonly Setting PrometheusAddress = new("Prometheus:Address", "ROLLOUT_PROMETHEUS", "--prometheus");

    /// <summary>The settings of the provider that <see cref="PrometheusAddress"/> sets up, beside its address.</summary>
    public static readonly IReadOnlyList<Setting> Prometheus =
    [
        new("Prometheus:BearerTokenFile", "ROLLOUT_PROMETHEUS_BEARER_TOKEN_FILE"),
        new("Prometheus:Username", "ROLLOUT_PROMETHEUS_USERNAME"),
        new("Prometheus:PasswordFile", "ROLLOUT_PROMETHEUS_PASSWORD_FILE"),
        new("Prometheus:TenantId", "ROLLOUT_PROMETHEUS_TENANT_ID"),
        new("Prometheus:CertificateAuthorityFile", "ROLLOUT_PROMETHEUS_CERTIFICATE_AUTHORITY_FILE"),
        new("Prometheus:ClientCertificateFile", "ROLLOUT_PROMETHEUS_CLIENT_CERTIFICATE_FILE"),
        new("Prometheus:ClientKeyFile", "ROLLOUT_PROMETHEUS_CLIENT_KEY_FILE"),
        new("Prometheus:Preset", "ROLLOUT_PROMETHEUS_PRESET"),
        new("Prometheus:NamespaceLabel", "ROLLOUT_PROMETHEUS_NAMESPACE_LABEL"),
    ];

    /// <summary>Every setting.</summary>
    public static readonly IReadOnlyList<Setting> All =
    [
        Kubeconfig, Context, Namespaces, Listen, LogFormat, LogLevel, LeaderElection, LeaseName, LeaseNamespace,
        HealthKey, HealthKeyFile, Page, PageActions, MaxConcurrentReconciles, PrometheusAddress, .. Prometheus,
    ];

    /// <summary>The fields of a provider under <c>Rollout:Providers:NAME</c>.</summary>
    public static readonly IReadOnlyList<string> ProviderFields =
        ["Address", .. Prometheus.Select(setting => setting.Key["Prometheus:".Length..]), "Default"];

    /// <summary>The fields of endpoints under <c>Rollout:SECTION:NAME</c>, by section.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> EndpointFields = new Dictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase)
    {
        ["Providers"] = ProviderFields,
        ["Logs"] = [.. EndpointReader.Fields, "TenantId", "NamespaceLabel"],
        ["Hooks"] = [.. EndpointReader.Fields, "SigningKeyFile"],
        ["Notifications"] = ["Kind", "Url", "UrlFile", "Severity", "Namespaces", "BearerTokenFile", "SigningKeyFile", "RoutingKeyFile", "CertificateAuthorityFile"],
    };

    /// <summary>How a provider's field is set, for messages.</summary>
    public static string OfProvider(string provider, string field) => provider == MetricProviderOptions.PrometheusName
        ? All.First(setting => setting.Key == $"Prometheus:{field}").ToString()
        : $"Rollout:Providers:{provider}:{field} in appsettings.json";
}
