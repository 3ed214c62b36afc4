using RolloutController.Kubernetes;

namespace RolloutController.Hosting.Page;

/// <summary>The page's own connections to the API, made when they are first needed: what is missing then may be there later.</summary>
/// <param name="connect">Makes the client; what it throws is what is missing.</param>
internal sealed class PageConnection(Func<KubernetesClient> connect) : IDisposable
{
    private readonly Lock _gate = new();
    private KubernetesClient? _client;

    /// <summary>The client.</summary>
    public IKubernetesClient Client
    {
        get
        {
            lock (_gate)
                return _client ??= connect();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client?.Dispose();
}
