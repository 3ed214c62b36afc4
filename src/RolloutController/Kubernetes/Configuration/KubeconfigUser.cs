namespace RolloutController.Kubernetes;

/// <summary>Reads what a kubeconfig says of a user.</summary>
internal sealed class KubeconfigUser(KubeconfigNode user, KubeconfigCluster cluster, TimeProvider timeProvider, ILogger logger)
{
    public KubernetesCredentials ReadCredentials()
    {
        if (user.Child("auth-provider") is not null)
            throw user.Error("auth-provider", "was removed from Kubernetes in 1.26; use the exec plugin of your provider instead");
        var header = ReadHeader();
        var certificate = user.Pem("client-certificate", timeProvider, logger);
        var key = user.Pem("client-key", timeProvider, logger);
        return (certificate, key) switch
        {
            (null, null) => header,
            (null, _) => throw user.Error("client-certificate", "is missing, though client-key is given"),
            (_, null) => throw user.Error("client-key", "is missing, though client-certificate is given"),
            _ => ReadCertificate(certificate, key, header),
        };
    }

    public Impersonation? ReadImpersonation()
    {
        var (name, uid, groups) = (user.Text("as"), user.Text("as-uid"), user.Texts("as-groups"));
        var extra = user.Child("as-user-extra");
        if (name is null)
        {
            return uid is null && groups.Count == 0 && extra is null
                ? null
                : throw user.Error("as", "is missing, though other fields say as whom to act");
        }
        return new Impersonation(name, uid, groups,
            extra?.Fields.ToDictionary(field => field, extra.Texts) ?? []);
    }

    private ClientCertificateCredentials ReadCertificate(TextSource certificate, TextSource key, KubernetesCredentials header)
    {
        try
        {
            ClientCertificate.Read(certificate.Read(), key.Read(), "client-certificate");
        }
        catch (KubernetesCredentialException exception)
        {
            throw user.Error("client-certificate", $"cannot be used: {exception.Message}");
        }
        return new ClientCertificateCredentials(certificate, key, "client-certificate", header);
    }

    private KubernetesCredentials ReadHeader()
    {
        var (token, file, name, exec) = (user.Text("token"), user.FilePath("tokenFile"), user.Text("username"), user.Child("exec"));
        if (new[] { token ?? file, name, exec is null ? null : "exec" }.Count(way => way is not null) > 1)
            throw user.Error("token", "and username and exec exclude each other; keep one");
        if (file is not null)
            return new TokenCredentials(TextSource.File(file, TokenCredentials.FilePeriod, timeProvider, logger));
        if (token is not null)
            return KubernetesCredentials.Token(token);
        if (name is not null)
            return KubernetesCredentials.Basic(name, user.Text("password") ?? throw user.Error("password", "is missing, though username is given"));
        return exec is null ? KubernetesCredentials.Anonymous : new ExecCredentials(ReadPlugin(exec), timeProvider, logger);
    }

    private ExecPlugin ReadPlugin(KubeconfigNode exec)
    {
        var version = exec.Required("apiVersion");
        if (version is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"))
            throw exec.Error("apiVersion", "must be client.authentication.k8s.io/v1 or v1beta1; bring the plugin up to date");
        if (exec.Text("interactiveMode") is "Always")
            throw exec.Error("interactiveMode", "is Always, but there is no terminal here to ask at; use a token or another plugin");
        var command = exec.Required("command");
        // A bare name is searched for in PATH; anything else is a path beside the file, as in client-go (clientcmd/loader.go).
        var path = command.Contains('/') || command.Contains(Path.DirectorySeparatorChar) ? exec.Resolve("command", command) : command;
        var variables = exec.Children("env")
            .GroupBy(item => item.Required("name"))
            .ToDictionary(group => group.Key, group => group.Last().Text("value") ?? "");
        return new ExecPlugin(path, exec.Texts("args"), variables, version, exec.Text("installHint") ?? "",
            exec.Flag("provideClusterInfo") ? cluster.ToExecCluster() : null);
    }
}
