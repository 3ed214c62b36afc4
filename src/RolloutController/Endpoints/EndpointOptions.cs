namespace RolloutController.Endpoints;

/// <summary>A server that the operator set up to be asked: its address, and who asks.</summary>
/// <remarks>Holds the paths of secrets, never secrets: files are read when they are needed, so that rotated ones work at once.</remarks>
/// <param name="Name">The name that Rollouts use; a DNS label.</param>
/// <param name="Address">Where it is: http or https, without user, password and query.</param>
public abstract record EndpointOptions(string Name, Uri Address)
{
    /// <summary>A file with a bearer token.</summary>
    public string? BearerTokenFile { get; init; }

    /// <summary>The user of basic authentication; together with <see cref="PasswordFile"/>.</summary>
    public string? Username { get; init; }

    /// <summary>A file with the password of basic authentication.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>A PEM file with the authorities that may have signed the server's certificate; the system's when left out.</summary>
    public string? CertificateAuthorityFile { get; init; }

    /// <summary>A PEM file with the certificate that the controller shows, its chain behind it; together with <see cref="ClientKeyFile"/>.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>A PEM file with the key of that certificate.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>What it is, for messages.</summary>
    protected abstract string Title { get; }

    /// <summary>Says what is wrong with the options, or nothing.</summary>
    public virtual IEnumerable<string> Problems()
    {
        if (!Address.IsAbsoluteUri || Address.Scheme is not ("http" or "https") || Address.UserInfo.Length > 0 || Address.Query.Length > 0)
            yield return $"{Title}: the address must be an http or https URL without user, password and query.";
        if (Username is null != PasswordFile is null)
            yield return $"{Title}: basic authentication needs a user name and a password file.";
        if (BearerTokenFile is not null && Username is not null)
            yield return $"{Title}: set a bearer token or basic authentication, not both.";
        if (ClientCertificateFile is null != ClientKeyFile is null)
            yield return $"{Title}: a client certificate needs the file of the certificate and the file of its key.";
    }
}
