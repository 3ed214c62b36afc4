using System.Text;

namespace RolloutController.Kubernetes;

/// <summary>The addresses of the API below its base address.</summary>
internal sealed class KubernetesAddresses(Uri server)
{
    private readonly string _server = server.AbsoluteUri.TrimEnd('/');

    /// <summary>A version of a group: what discovery answers at.</summary>
    public Uri Version<T>(ResourceKind<T> kind)
        where T : class, IKubernetesObject => new(VersionText(kind));

    /// <summary>The objects of a kind in one namespace, or in all where it is null; empty for a kind that is in none.</summary>
    public Uri Collection<T>(ResourceKind<T> kind, string? @namespace, params ReadOnlySpan<(string Name, string Value)> query)
        where T : class, IKubernetesObject => new(CollectionText(kind, @namespace) + Query(query));

    /// <summary>One object, or a subresource of it.</summary>
    public Uri Object<T>(ResourceKind<T> kind, ObjectKey key, string? subresource, params ReadOnlySpan<(string Name, string Value)> query)
        where T : class, IKubernetesObject =>
        new($"{CollectionText(kind, key.Namespace)}/{Uri.EscapeDataString(key.Name)}{(subresource is null ? "" : $"/{subresource}")}{Query(query)}");

    private string VersionText<T>(ResourceKind<T> kind)
        where T : class, IKubernetesObject => $"{_server}/{(kind.Group.Length == 0 ? "api" : "apis")}/{kind.ApiVersion}";

    private string CollectionText<T>(ResourceKind<T> kind, string? @namespace)
        where T : class, IKubernetesObject =>
        VersionText(kind) + (@namespace is null or "" ? "" : $"/namespaces/{Uri.EscapeDataString(@namespace)}") + $"/{kind.Plural}";

    private static string Query(ReadOnlySpan<(string Name, string Value)> parameters)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in parameters)
        {
            if (value.Length > 0)
                text.Append(text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
        return text.ToString();
    }
}
