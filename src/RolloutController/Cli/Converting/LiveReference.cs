using RolloutController.Kubernetes;

namespace RolloutController.Cli.Converting;

/// <summary>An object of a cluster that can be converted.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name.</param>
/// <param name="Owner">Whose kind it is, for messages.</param>
internal sealed record LiveReference(ResourceKind<RawObject> Kind, string Name, string Owner)
{
    private const string Examples = "write deployment/shop, rollout.argoproj.io/shop or canary/shop";

    /// <summary>What a person names, such as <c>deployment/shop</c>.</summary>
    /// <exception cref="CommandException">It is nothing that can be converted.</exception>
    public static LiveReference Parse(string text) => text.Split('/') switch
    {
        [var kind, { Length: > 0 } name] => kind.ToLowerInvariant() switch
        {
            "deployment" or "deployments" or "deploy" or "deployment.apps" or "deployments.apps" => new(RawObject.Kind("apps", "v1", "Deployment", "deployments"), name, "Kubernetes"),
            "rollout.argoproj.io" or "rollouts.argoproj.io" => new(ArgoKind("Rollout", "rollouts"), name, "Argo Rollouts"),
            "canary" or "canaries" or "canary.flagger.app" or "canaries.flagger.app" => new(FlaggerKind("Canary", "canaries"), name, "Flagger"),
            // Everywhere else on the command line these are Rollouts of this controller.
            "rollout" or "rollouts" or "rollout.rollouts.dev" or "rollouts.rollouts.dev" =>
                throw Wrong($"{text} is a Rollout of rollouts.dev, which needs no conversion; of Argo Rollouts, write rollout.argoproj.io/{name}"),
            _ => throw Wrong($"{text}: there is nothing to make of a {kind}; {Examples}"),
        },
        _ => throw Wrong($"{text} names no kind and name; {Examples}"),
    };

    /// <summary>A kind of Argo Rollouts.</summary>
    public static ResourceKind<RawObject> ArgoKind(string kind, string plural) => RawObject.Kind("argoproj.io", "v1alpha1", kind, plural);

    /// <summary>A kind of Flagger.</summary>
    public static ResourceKind<RawObject> FlaggerKind(string kind, string plural) => RawObject.Kind("flagger.app", "v1beta1", kind, plural);

    private static CommandException Wrong(string message) => new(message, ExitCodes.Usage);
}
