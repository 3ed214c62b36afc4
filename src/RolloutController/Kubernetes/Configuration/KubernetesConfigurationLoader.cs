using Microsoft.Extensions.Logging.Abstractions;

namespace RolloutController.Kubernetes;

/// <summary>
/// Finds the configuration where every Kubernetes program looks for it: the file that the caller names, the files in the variable
/// <c>KUBECONFIG</c>, the service account of the pod, <c>~/.kube/config</c>; the first that is there holds.
/// </summary>
/// <param name="timeProvider">The clock by which files are read again; null for the system's.</param>
/// <param name="loggerFactory">Where warnings go; null for nowhere.</param>
public sealed class KubernetesConfigurationLoader(TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null)
{
    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;
    private readonly ILogger _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<KubernetesConfigurationLoader>();

    internal Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    internal string ServiceAccountDirectory { get; init; } = "/var/run/secrets/kubernetes.io/serviceaccount";

    internal string HomeDirectory { get; init; } = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>Finds and reads the configuration.</summary>
    /// <param name="kubeconfig">The kubeconfig that the caller names; null to search.</param>
    /// <param name="context">The context in it; null for its current one. Naming one passes over the service account of the pod.</param>
    /// <exception cref="KubernetesConfigurationException">There is none, or it has a mistake.</exception>
    public KubernetesConfiguration Load(string? kubeconfig = null, string? context = null)
    {
        if (!string.IsNullOrEmpty(kubeconfig))
            return FromKubeconfig([kubeconfig], context);
        if (Variable("KUBECONFIG") is { Length: > 0 } variable)
            return FromKubeconfig(ExistingFiles(variable), context);
        if (context is null && FromServiceAccount() is { } inCluster)
            return inCluster;
        var home = Path.Combine(HomeDirectory, ".kube", "config");
        return File.Exists(home)
            ? FromKubeconfig([home], context)
            : throw new KubernetesConfigurationException(
                $"No Kubernetes cluster is configured: no --kubeconfig is given, KUBECONFIG is not set, this is not a pod with a service account, "
                + $"and there is no {home}. Name a kubeconfig with --kubeconfig");
    }

    private static List<string> ExistingFiles(string variable)
    {
        var files = variable.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Where(File.Exists).ToList();
        return files.Count > 0
            ? files
            : throw new KubernetesConfigurationException($"KUBECONFIG names no file that is there: {variable}. Correct it or unset it");
    }

    private KubernetesConfiguration FromKubeconfig(IReadOnlyList<string> paths, string? contextName)
    {
        var kubeconfig = Kubeconfig.Read(paths);
        var name = contextName ?? kubeconfig.CurrentContext
            ?? throw new KubernetesConfigurationException($"{kubeconfig.Origin}: current-context is missing. {Choices(kubeconfig)}");
        var context = kubeconfig.Find("contexts", "context", name)
            ?? throw new KubernetesConfigurationException($"{kubeconfig.Origin}: there is no context {name}. {Choices(kubeconfig)}");
        var clusterNode = kubeconfig.Find("clusters", "cluster", context.Required("cluster"))
            ?? throw context.Error("cluster", $"names {context.Text("cluster")}, which is not among the clusters");
        var cluster = new KubeconfigCluster(clusterNode, _time, _logger);
        var user = UserOf(kubeconfig, context, cluster);
        return new KubernetesConfiguration
        {
            Server = cluster.Server,
            Namespace = context.Text("namespace") ?? "default",
            Trust = cluster.ReadTrust(),
            TlsServerName = cluster.TlsServerName,
            Proxy = cluster.Proxy,
            Compression = cluster.Compression,
            Credentials = user?.ReadCredentials() ?? KubernetesCredentials.Anonymous,
            Impersonation = user?.ReadImpersonation(),
            Origin = $"context {name} of {kubeconfig.Origin}",
        };
    }

    private KubeconfigUser? UserOf(Kubeconfig kubeconfig, KubeconfigNode context, KubeconfigCluster cluster)
    {
        if (context.Text("user") is not { } name)
            return null;
        var user = kubeconfig.Find("users", "user", name) ?? throw context.Error("user", $"names {name}, which is not among the users");
        return new KubeconfigUser(user, cluster, _time, _logger);
    }

    private static string Choices(Kubeconfig kubeconfig) =>
        kubeconfig.ContextNames.ToList() is { Count: > 0 } names ? $"Choose one of: {string.Join(", ", names)}" : "The file has no contexts";

    private KubernetesConfiguration? FromServiceAccount()
    {
        var token = Path.Combine(ServiceAccountDirectory, "token");
        if (Variable("KUBERNETES_SERVICE_HOST") is not { Length: > 0 } host
            || !int.TryParse(Variable("KUBERNETES_SERVICE_PORT"), out var port)
            || !File.Exists(token))
            return null;
        var authorities = TextSource.File(Path.Combine(ServiceAccountDirectory, "ca.crt"), ClientCertificateCredentials.FilePeriod, _time, _logger);
        var namespaceFile = Path.Combine(ServiceAccountDirectory, "namespace");
        return new KubernetesConfiguration
        {
            Server = new UriBuilder("https", host.Contains(':') && host[0] != '[' ? $"[{host}]" : host, port).Uri,
            Namespace = File.Exists(namespaceFile) ? File.ReadAllText(namespaceFile).Trim() : "default",
            Trust = ServerTrust.Authorities(authorities),
            Credentials = new TokenCredentials(TextSource.File(token, TokenCredentials.FilePeriod, _time, _logger)),
            Origin = "the service account of the pod",
        };
    }
}
