using RolloutController.Analysis.Checks;
using RolloutController.Analysis.Metrics;
using RolloutController.Control;
using RolloutController.Control.Health;
using RolloutController.Hosting.Options;
using RolloutController.Hosting.Page;
using RolloutController.Kubernetes;
using RolloutController.Notifications;

namespace RolloutController.Hosting;

/// <summary>Puts the controller into the host: options become clients, providers and the service that does the work.</summary>
public static class ControlRegistration
{
    /// <summary>Adds the controller's services.</summary>
    public static void Add(WebApplicationBuilder builder, ControllerOptions options)
    {
        builder.Services.AddSingleton(services =>
            new Notifier(options.Notifications, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<Notifier>>()));
        builder.Services.AddSingleton(services => Service(services, options));
        builder.Services.AddSingleton<IHealthReport>(services => services.GetRequiredService<ControlService>());
        builder.Services.AddHostedService(services => services.GetRequiredService<ControlService>());
        if (options is { Page: true, PageActions: true })
            AddActions(builder.Services, options);
    }

    /// <summary>Lets people act by the page, over connections of their own: whoever asks much holds up no rollback.</summary>
    private static void AddActions(IServiceCollection services, ControllerOptions options)
    {
        services.AddSingleton(provider => new PageConnection(
            () => Load(options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>())));
        services.AddSingleton<IPageActions>(provider => new RolloutActions(
            () => provider.GetRequiredService<PageConnection>().Client, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IActionGuard>(provider => new TokenActionGuard(() => provider.GetRequiredService<PageConnection>().Client));

        static KubernetesClient Load(ControllerOptions options, TimeProvider clock, ILoggerFactory loggers) => new(
            new KubernetesConfigurationLoader(clock, loggers).Load(options.Kubeconfig, options.Context), KubernetesClientOptions.Default, clock, loggers.CreateLogger<KubernetesClient>());
    }

    private static ControlService Service(IServiceProvider services, ControllerOptions options)
    {
        var clock = services.GetRequiredService<TimeProvider>();
        var loggers = services.GetRequiredService<ILoggerFactory>();
        var how = new ControlOptions
        {
            Namespaces = options.Namespaces,
            Workers = options.MaxConcurrentReconciles,
            Notifier = services.GetRequiredService<Notifier>(),
        };
        var control = new ControlService(
            how, () => Connect(options, clock, loggers), Providers(options, clock), services.GetRequiredService<IHostApplicationLifetime>(), clock, loggers);
        if (services.GetService<RolloutFeed>() is { } feed)
            control.CachesMade += feed.Follow;
        // Whoever waits here at rest allocates next to nothing, so nothing else would give back what starting and listing took.
        control.CachesFilled += () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        return control;
    }

    private static Connection Connect(ControllerOptions options, TimeProvider clock, ILoggerFactory loggers)
    {
        var configuration = new KubernetesConfigurationLoader(clock, loggers).Load(options.Kubeconfig, options.Context);
        return new Connection(
            Client(KubernetesClientOptions.Default),
            Client(KubernetesClientOptions.Default),
            Client(KubernetesClientOptions.ForLeases),
            options.LeaderElection
                ? new LeaderElectionOptions
                {
                    Namespace = options.LeaseNamespace ?? configuration.Namespace,
                    Name = options.LeaseName,
                    Identity = LeaderElectionOptions.NewIdentity(),
                }
                : null);

        KubernetesClient Client(KubernetesClientOptions patience) => new(configuration, patience, clock, loggers.CreateLogger<KubernetesClient>());
    }

    private static Providers Providers(ControllerOptions options, TimeProvider clock) => new(
        new MetricProviders(
            options.Providers.ToDictionary(provider => provider.Name, IMetricProvider (provider) => new PrometheusProvider(Options(provider), clock)),
            options.Providers.FirstOrDefault(provider => provider.IsDefault)?.Name),
        new Named<ILogProvider>(
            options.Logs.ToDictionary(logs => logs.Name, ILogProvider (logs) => new LokiProvider(logs, clock)), options.Logs is [var only] ? only.Name : null),
        new Named<Hook>(options.Hooks.ToDictionary(hook => hook.Name, hook => new Hook(hook, clock)), null));

    private static PrometheusOptions Options(MetricProviderOptions provider) => new(provider.Name, provider.Address)
    {
        BearerTokenFile = provider.BearerTokenFile,
        Username = provider.Username,
        PasswordFile = provider.PasswordFile,
        TenantId = provider.TenantId,
        CertificateAuthorityFile = provider.CertificateAuthorityFile,
        ClientCertificateFile = provider.ClientCertificateFile,
        ClientKeyFile = provider.ClientKeyFile,
        NamespaceLabel = provider.NamespaceLabel,
        Preset = provider.Preset,
        IsDefault = provider.IsDefault,
    };
}
