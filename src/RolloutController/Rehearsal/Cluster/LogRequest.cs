using System.Globalization;
using System.Net;
using System.Text;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>
/// A request for the log of a pod, as <c>k8s.io/kubernetes/pkg/registry/core/pod/strategy.go</c> and a kubelet answer it. The log is what
/// there is now: nothing is followed, and no earlier container is remembered.
/// </summary>
internal sealed class LogRequest(EmbeddedCluster cluster, ApiRequest request, ApiTarget target)
{
    private const string MediaType = "text/plain";

    /// <summary>Answers it.</summary>
    /// <exception cref="ApiFailure">There is no such pod or container, or it has not started.</exception>
    public ApiAnswer.Whole Answer()
    {
        var (lines, bytes) = (Number("tailLines"), Number("limitBytes"));
        FieldProblem[] problems =
        [
            .. lines < 0 ? [new FieldProblem("FieldValueInvalid", "tailLines", $"Invalid value: {lines}: must be greater than or equal to 0")] : Array.Empty<FieldProblem>(),
            .. bytes < 1 ? [new FieldProblem("FieldValueInvalid", "limitBytes", $"Invalid value: {bytes}: must be greater than 0")] : Array.Empty<FieldProblem>(),
        ];
        if (problems.Length > 0)
            throw Failures.Invalid(target.Resource with { Kind = "PodLogOptions" }, target.Name!, problems);

        var pod = cluster.Get(target.Resource, target.Namespace, target.Name!);
        var container = Container(pod);
        // A pod that no node has taken has no kubelet to ask.
        if (pod.Json.Text("spec", "nodeName") is null or "")
            return new ApiAnswer.Whole((int)HttpStatusCode.NoContent, ReadOnlyMemory<byte>.Empty, MediaType);
        RequireStarted(pod, container);
        var log = Encoding.UTF8.GetBytes(Tail(cluster.Logs.Of(pod), lines));
        return new ApiAnswer.Whole((int)HttpStatusCode.OK, log.AsMemory(0, (int)Math.Min(bytes ?? log.Length, log.Length)), MediaType);
    }

    private long? Number(string parameter) => request.Parameter(parameter) is not { Length: > 0 } text ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw Failures.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");

    private string Container(StoredObject pod)
    {
        var names = pod.Json.Items("spec", "containers").Select(container => container.Text("name") ?? "").ToList();
        var asked = request.Parameter("container");
        if (asked.Length == 0)
        {
            return names is [var only]
                ? only
                : throw Failures.BadRequest($"a container name must be specified for pod {pod.Name}, choose one of: [{string.Join(' ', names)}]");
        }

        return names.Concat(pod.Json.Items("spec", "initContainers").Select(container => container.Text("name"))).Contains(asked)
            ? asked
            : throw Failures.BadRequest($"container {asked} is not valid for pod {pod.Name}");
    }

    private static void RequireStarted(StoredObject pod, string container)
    {
        var status = pod.Json.Items("status", "containerStatuses").Concat(pod.Json.Items("status", "initContainerStatuses"))
            .FirstOrDefault(one => one.Text("name") == container);
        if (status.At("state", "running") is null && status.At("state", "terminated") is null && status.At("lastState", "terminated") is null)
            throw Failures.BadRequest($"container \"{container}\" in pod \"{pod.Name}\" is waiting to start: {status.Text("state", "waiting", "reason") ?? "ContainerCreating"}");
    }

    private static string Tail(string log, long? lines) => lines is not { } count
        ? log
        : string.Join('\n', log.Split('\n').TakeLast((int)Math.Min(count, log.Length) + (log.EndsWith('\n') ? 1 : 0)));
}
