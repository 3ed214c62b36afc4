using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using RolloutController.Analysis;
using RolloutController.Analysis.Checks;
using RolloutController.Api;
using RolloutController.Kubernetes;

namespace RolloutController.Control;

/// <summary>
/// Runs a Job and tells how it ended. Its name follows from what it is for, so a controller that is started anew finds the one that runs
/// already, and none runs twice.
/// </summary>
/// <param name="client">The API.</param>
/// <param name="rollout">The Rollout.</param>
/// <param name="step">The step that it is for.</param>
/// <param name="check">The check, which has a Job.</param>
/// <param name="ended">How it ended, where that is known already.</param>
/// <param name="clock">The clock.</param>
internal sealed class JobCheck(IKubernetesClient client, RolloutObject rollout, Progressing step, CheckSpec check, JobCheck.End? ended, TimeProvider clock) : ICheck
{
    private const int LogLines = 10;
    private const int LogBytes = 800;

    private static readonly TimeSpan KeepFailed = TimeSpan.FromDays(1);

    private End? _ended = ended;

    private ObjectKey Key => new(rollout.Metadata.Namespace, Name(rollout, step, check));

    /// <summary>How a Job ended.</summary>
    /// <param name="Succeeded">Whether it did what it should.</param>
    /// <param name="Message">The same for a person.</param>
    internal sealed record End(bool Succeeded, string Message);

    /// <inheritdoc/>
    public async Task<CheckLook> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var running = _ended is null ? await FollowAsync(cancellationToken) : "";
            return _ended switch
            {
                null => new CheckLook.Pending(clock.GetUtcNow(), running),
                { Succeeded: true } end => new CheckLook.Passed(clock.GetUtcNow(), end.Message),
                { } end => new CheckLook.Failed(clock.GetUtcNow(), end.Message),
            };
        }
        catch (KubernetesApiException refused) when (refused.IsForbidden || refused.IsInvalid)
        {
            return new CheckLook.Unknown(clock.GetUtcNow(), DataClass.ConfigError, $"the API refuses Job {Key.Name}: {Shortened(refused.Message)}");
        }
        catch (Exception failed) when (failed is KubernetesApiException or HttpRequestException or IOException or TimeoutException or NotLeaderException)
        {
            return new CheckLook.Unknown(clock.GetUtcNow(), DataClass.ProviderError, $"Job {Key.Name} cannot be followed just now");
        }
    }

    /// <summary>The name of the Job: the same for the same step of the same trial.</summary>
    internal static string Name(RolloutObject rollout, Progressing step, CheckSpec check)
    {
        var identity = string.Create(CultureInfo.InvariantCulture, $"{rollout.Metadata.Uid} {check.Name} {step.Canary} {step.Stage} {step.Weight} {step.Since:O}");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 5));
        return $"{Cut(rollout.Metadata.Name, 25)}-{Cut(check.Name, 25)}-{hash}";
    }

    /// <summary>Starts the Job or sees how it is.</summary>
    private async Task<string> FollowAsync(CancellationToken cancellationToken)
    {
        if (await client.GetAsync(KubernetesKinds.Job, Key, cancellationToken) is not { } job)
        {
            await client.CreateAsync(KubernetesKinds.Job, Key.Namespace, Body(), cancellationToken);
            return $"Job {Key.Name} is started";
        }

        switch (job.Status.Conditions.FirstOrDefault(condition => condition is { Type: "Complete" or "Failed", Status: "True" }))
        {
            case { Type: "Complete" }:
                _ended = new End(Succeeded: true, $"Job {Key.Name} succeeded");
                await client.DeleteAsync(KubernetesKinds.Job, Key, job.Metadata.Uid, cancellationToken);
                break;
            case { } failed:
                var tail = await TailAsync(cancellationToken);
                _ended = new End(Succeeded: false, $"Job {Key.Name} failed ({failed.Reason}){(tail.Length > 0 ? $"; its log ends: {tail}" : "")}");
                break;
        }

        return string.Create(CultureInfo.InvariantCulture, $"Job {Key.Name} runs{(job.Status.StartTime is { } start ? $" since {start.UtcDateTime:HH:mm:ss}" : "")}");
    }

    /// <summary>What the pod said last; that nobody can tell changes nothing about how the Job ended.</summary>
    private async Task<string> TailAsync(CancellationToken cancellationToken)
    {
        try
        {
            var pods = await client.ListAsync(KubernetesKinds.Pod, Key.Namespace, new ListOptions($"{Job.NameLabel}={Key.Name}"), cancellationToken);
            return pods.Items.MaxBy(pod => pod.Metadata.CreationTimestamp) is { } last
                ? Shortened(await client.ReadLogAsync(last.Metadata.Key, LogLines, LogBytes, cancellationToken))
                : "";
        }
        catch (Exception failed) when (failed is KubernetesApiException or HttpRequestException or IOException or TimeoutException)
        {
            return "";
        }
    }

    private JsonObject Body()
    {
        var template = JsonObject.Create(check.Job!.Template)!;
        var labels = Within(Within(template, "metadata"), "labels");
        labels[Names.Check] = check.Name;
        labels[Names.TriedRevision] = step.Canary;
        var spec = Within(template, "spec");
        spec["restartPolicy"] ??= "Never";
        foreach (var container in (spec["containers"] as JsonArray ?? []).OfType<JsonObject>())
            Tell(container);
        return new JsonObject
        {
            ["apiVersion"] = KubernetesKinds.Job.ApiVersion,
            ["kind"] = KubernetesKinds.Job.Kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = Key.Name,
                ["labels"] = new JsonObject { [Names.Check] = check.Name, [Names.TriedRevision] = step.Canary },
                ["ownerReferences"] = new JsonArray(ReplicaSets.Owner(rollout)),
            },
            ["spec"] = new JsonObject
            {
                ["backoffLimit"] = check.Job.Retries,
                ["activeDeadlineSeconds"] = Math.Max(1, (long)check.Job.Deadline.TotalSeconds),
                ["ttlSecondsAfterFinished"] = (long)KeepFailed.TotalSeconds,
                ["template"] = template,
            },
        };
    }

    /// <summary>What a program needs to know to try the version; first of all, because a variable can only name those before it.</summary>
    private void Tell(JsonObject container)
    {
        var own = (container["env"] as JsonArray ?? []).Select(variable => variable?.DeepClone()).ToList();
        container["env"] = new JsonArray([.. Told().Where(told => own.All(variable => (string?)variable?["name"] != (string?)told["name"])), .. own]);
    }

    private IEnumerable<JsonObject> Told() =>
        from variable in new[]
        {
            ("ROLLOUT_NAME", rollout.Metadata.Name), ("ROLLOUT_REVISION", step.Canary), ("ROLLOUT_STABLE_REVISION", step.Stable),
            ("ROLLOUT_SERVICE", step.Traffic?.Service ?? ""), ("ROLLOUT_CANARY_SERVICE", step.IsRouted ? step.Traffic!.CanaryService : ""),
        }
        select new JsonObject { ["name"] = variable.Item1, ["value"] = variable.Item2 };

    private static JsonObject Within(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject child)
            parent[name] = child = [];
        return child;
    }

    /// <summary>One line of printable characters.</summary>
    private static string Shortened(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(word => string.Concat(word.Where(letter => !char.IsControl(letter)))));
        return line.Length <= LogBytes ? line : string.Concat("…", line.AsSpan(line.Length - LogBytes));
    }

    private static string Cut(string name, int length) => name.Length <= length ? name : name[..length].TrimEnd('-', '.');
}
