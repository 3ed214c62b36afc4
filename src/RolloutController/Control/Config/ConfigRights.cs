using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control.Config;

/// <summary>What a role has to allow for Rollouts that ask for <c>config</c>, and what to write where it does not.</summary>
internal sealed partial class ConfigRights(IKubernetesClient client)
{
    private const string Field = "spec.rolloutOn";

    private readonly ConcurrentDictionary<(string Namespace, string Kind), bool> _allowed = new();

    /// <summary>Why no copies can be made in a namespace, found by dry runs; null where they can. What was allowed once is not asked again.</summary>
    /// <exception cref="KubernetesApiException">The API could not be asked; try again.</exception>
    public async Task<Problem?> CopyingAsync(string @namespace, IEnumerable<string> kinds, CancellationToken cancellationToken)
    {
        foreach (var kind in kinds.Distinct().Order(StringComparer.Ordinal).Where(kind => !_allowed.ContainsKey((@namespace, kind))))
        {
            try
            {
                var body = new JsonObject { ["apiVersion"] = "v1", ["kind"] = kind, ["metadata"] = new JsonObject { ["generateName"] = "rollout-config-" } };
                await client.CreateAsync(KubernetesKinds.Digest(kind), @namespace, body, cancellationToken, dryRun: true);
                _allowed[(@namespace, kind)] = true;
            }
            catch (KubernetesApiException refused) when (refused.IsForbidden)
            {
                return Copying(@namespace, kind, refused);
            }
        }

        return null;
    }

    /// <summary>That copies of a kind are refused.</summary>
    public static Problem Copying(string @namespace, string kind, KubernetesApiException refused) => refused.Message.Contains("cannot create", StringComparison.Ordinal)
        ? new Problem(
            EventReason.ConfigForbidden, Field,
            $"the controller may not create {kind}s in namespace {@namespace}, as each version gets copies of its own; allow it: " +
            Commands(@namespace, "rollout-config-copies", "create", ["ConfigMap", "Secret"], [], refused))
        : new Problem(EventReason.ConfigForbidden, Field, $"namespace {@namespace} takes no copy of a {kind}: {refused.Message}");

    /// <summary>That objects may not be read; what to write allows all that the Rollout reads.</summary>
    public static Problem Reading(ObjectKey rollout, IEnumerable<ConfigKey> forbidden, IEnumerable<ConfigKey> all, KubernetesApiException refused) => new(
        EventReason.ConfigForbidden, Field,
        $"the controller may not read {string.Join(", ", forbidden.Select(key => key.ToString()).Order(StringComparer.Ordinal))} in namespace {rollout.Namespace}; allow it: " +
        Commands(rollout.Namespace, $"rollout-config-{rollout.Name}", "get,list,watch", all.Select(key => key.Kind), all.Select(key => key.Name), refused));

    private static string Commands(string @namespace, string role, string verbs, IEnumerable<string> kinds, IEnumerable<string> names, KubernetesApiException refused)
    {
        var resources = string.Join(',', kinds.Distinct().Order(StringComparer.Ordinal).Select(kind => KubernetesKinds.Digest(kind).Plural));
        var only = string.Concat(names.Distinct().Order(StringComparer.Ordinal).Select(name => $" --resource-name={name}"));
        return $"kubectl -n {@namespace} create role {role} --verb={verbs} --resource={resources}{only} && " +
               $"kubectl -n {@namespace} create rolebinding {role} --role={role} {Subject(refused)}";
    }

    /// <summary>Whom the API refused, as kubectl names it.</summary>
    private static string Subject(KubernetesApiException refused) => User().Match(refused.Message) is { Success: true } match
        ? match.Groups["account"].Success ? $"--serviceaccount={match.Groups["account"].Value}" : $"--user={match.Groups["user"].Value}"
        : "--serviceaccount=rollout-system:rollout-controller";

    [GeneratedRegex("""User "(?<user>system:serviceaccount:(?<account>[^":]+:[^":]+)|[^"]+)" """, RegexOptions.CultureInvariant)]
    private static partial Regex User();
}
