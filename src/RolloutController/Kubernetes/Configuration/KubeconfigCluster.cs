using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace RolloutController.Kubernetes;

/// <summary>Reads what a kubeconfig says of a cluster.</summary>
internal sealed class KubeconfigCluster(KubeconfigNode cluster, TimeProvider timeProvider, ILogger logger)
{
    // Where client-go lets a cluster hand data to its credential plugin (clientcmd/api/v1/conversion.go).
    private const string ExecExtension = "client.authentication.k8s.io/exec";

    public Uri Server => Address("server", ["https", "http"]) ?? throw cluster.Error("server", "is missing; give the address of the API");

    public Uri? Proxy => Address("proxy-url", ["http", "https", "socks5"]);

    public string? TlsServerName => cluster.Text("tls-server-name");

    public bool Compression => !cluster.Flag("disable-compression");

    public ServerTrust ReadTrust()
    {
        var source = cluster.Pem("certificate-authority", timeProvider, logger);
        if (cluster.Flag("insecure-skip-tls-verify"))
        {
            if (source is not null)
                throw cluster.Error("insecure-skip-tls-verify", "cannot go with certificate-authority; remove one of the two");
            logger.LogWarning("The server's certificate is not checked (insecure-skip-tls-verify): whoever is on the way can read and change everything");
            return ServerTrust.Insecure;
        }
        if (source is null)
            return ServerTrust.System;
        var trust = ServerTrust.Authorities(source);
        try
        {
            trust.ToOptions(trust.Bundle);
        }
        catch (KubernetesCredentialException exception)
        {
            throw cluster.Error("certificate-authority", $"cannot be used: {exception.Message}");
        }
        return trust;
    }

    /// <summary>What a credential plugin is told where it asks for <c>provideClusterInfo</c>.</summary>
    public JsonObject ToExecCluster()
    {
        var described = new JsonObject { ["server"] = Server.OriginalString };
        if (TlsServerName is { } name)
            described["tls-server-name"] = name;
        if (cluster.Flag("insecure-skip-tls-verify"))
            described["insecure-skip-tls-verify"] = true;
        if (cluster.Pem("certificate-authority", timeProvider, logger) is { } source)
            described["certificate-authority-data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(source.Read()));
        if (Proxy is { } proxy)
            described["proxy-url"] = proxy.OriginalString;
        if (cluster.Children("extensions").FirstOrDefault(item => item.Text("name") == ExecExtension)?.Value("extension") is { } config)
            described["config"] = ToJson(config);
        return described;
    }

    private Uri? Address(string field, string[] schemes)
    {
        if (cluster.Text(field) is not { } text)
            return null;
        // kubectl takes an address without a scheme for http.
        var address = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && schemes.Contains(uri.Scheme)
            ? uri
            : throw cluster.Error(field, $"must be an address that begins with {string.Join(":// or ", schemes)}://");
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create((pair.Key as YamlScalarNode)?.Value ?? "", ToJson(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode scalar => ToJson(scalar),
        _ => null,
    };

    private static JsonNode? ToJson(YamlScalarNode scalar)
    {
        if (scalar.Style is not YamlDotNet.Core.ScalarStyle.Plain)
            return scalar.Value;
        return scalar.Value switch
        {
            null or "" or "~" or "null" => null,
            "true" => true,
            "false" => false,
            { } text when long.TryParse(text, out var number) => number,
            { } text => text,
        };
    }
}
