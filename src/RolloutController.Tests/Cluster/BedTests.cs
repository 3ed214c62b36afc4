using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster;

/// <summary>The test bed's own tests: what the cluster tests rest on.</summary>
internal sealed class BedTests : ClusterTest
{
    [Test]
    public async Task Deployment_becomes_ready_and_its_pods_end_with_it()
    {
        var kubelet = await StartKubeletAsync();
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(Manifests.Deployment(3, Manifests.Template("v1")));

        await UntilAsync(ClusterPath.Deployments(Namespace, "shop"), shop => shop.Number("status.availableReplicas") == 3, "three available pods");
        var endpoints = await UntilAsync(ClusterPath.Endpoints(Namespace, "shop"), shop => Addresses(shop).Count() == 3, "three endpoints");
        Assert.That(Addresses(endpoints), Is.EquivalentTo(kubelet.Pods.Select(pod => pod.Ip)));
        Assert.That(kubelet.Starts, Is.EqualTo(3));
        Assert.That(kubelet.RunningUids(), Has.Count.EqualTo(3));

        await Api.MergeAsync(ClusterPath.Deployments(Namespace, "shop"), "{spec: {replicas: 1}}", Cancellation);
        await UntilAllAsync(ClusterPath.Pods(Namespace), pods => pods.Count == 1, "two pods to be gone");
        Assert.That(kubelet.RunningUids(), Has.Count.EqualTo(1));
        Assert.That(kubelet.Starts, Is.EqualTo(3));
    }

    [TestCase("never-ready", "Running", null)]
    [TestCase("crash-loop", "Running", "CrashLoopBackOff")]
    [TestCase("image-pull", "Pending", "ImagePullBackOff")]
    public async Task Pod_that_does_not_become_ready_says_why(string behaviour, string phase, string? waiting)
    {
        await StartKubeletAsync();
        await ApplyAsync(Manifests.Deployment(1, Manifests.Template("v1", annotations: (PodAnnotations.Behaviour, behaviour))));

        var pod = await FirstPodAsync(pod => pod.Condition("Ready") is not null, "a verdict on readiness");
        Assert.That(pod.Text("status.phase"), Is.EqualTo(phase));
        Assert.That(pod.Condition("Ready").Text("reason"), Is.EqualTo("ContainersNotReady"));
        Assert.That(pod.Text("status.containerStatuses.0.state.waiting.reason"), Is.EqualTo(waiting));
        await UntilAllAsync(ClusterPath.Events(Namespace), events => events.Any(item => item.Text("involvedObject.name") == pod.Name()), "an event about the pod");
    }

    [Test]
    public async Task Crashing_pod_restarts_again_and_again()
    {
        var kubelet = await StartKubeletAsync();
        kubelet.CrashPeriod = TimeSpan.FromMilliseconds(100);
        await ApplyAsync(Manifests.Deployment(1, Manifests.Template("v1", annotations: (PodAnnotations.Behaviour, "crash-loop"))));
        await FirstPodAsync(pod => pod.Number("status.containerStatuses.0.restartCount") >= 3, "three restarts");
    }

    [Test]
    public async Task Unschedulable_pod_is_never_bound()
    {
        var kubelet = await StartKubeletAsync();
        await ApplyAsync(Manifests.Deployment(1, Manifests.Template("v1", annotations: (PodAnnotations.Behaviour, "unschedulable"))));

        var pod = await FirstPodAsync(pod => pod.Condition("PodScheduled") is not null, "a verdict of the scheduler");
        Assert.That(pod.Condition("PodScheduled").Text("reason"), Is.EqualTo("Unschedulable"));
        Assert.That(pod.Text("spec.nodeName"), Is.Null);
        Assert.That(kubelet.Starts, Is.Zero);
    }

    [Test]
    public async Task Running_pods_change_when_the_test_says_so()
    {
        var kubelet = await StartKubeletAsync();
        await ApplyAsync(Manifests.Deployment(2, Manifests.Template("v1")));
        var path = ClusterPath.Deployments(Namespace, "shop");
        await UntilAsync(path, shop => shop.Number("status.availableReplicas") == 2, "both pods");
        var before = kubelet.RunningUids();

        kubelet.Become(PodBehaviour.NeverReady, pod => pod.Uid() == before.First());
        await UntilAsync(path, shop => shop.Number("status.availableReplicas") == 1, "one pod to be unready");
        kubelet.Become(PodBehaviour.Ready);
        await UntilAsync(path, shop => shop.Number("status.availableReplicas") == 2, "both pods again");
        Assert.That(kubelet.RunningUids(), Is.EquivalentTo(before));
    }

    [Test]
    public async Task Gateway_answers_every_generation_and_history_holds_every_version()
    {
        var gateway = await StartGatewayAsync();
        var history = await RecordAsync(ClusterPath.HttpRoutes(Namespace));
        var path = ClusterPath.HttpRoutes(Namespace, "shop");
        await ApplyAsync(Manifests.HttpRoute());
        var route = await UntilAsync(path, shop => Parent(shop, "ResolvedRefs").Text("reason") == "BackendNotFound", "a missing Service to be told");

        await ApplyAsync(Manifests.Service());
        await UntilAsync(path, shop => Parent(shop, "ResolvedRefs").Text("status") == "True", "references to be resolved");
        gateway.Answer = _ => RouteAnswer.Refuse;
        await ApplyAsync(Manifests.HttpRoute("shop", ("shop", 95), ("shop", 5)));
        route = await UntilAsync(path, shop => Parent(shop, "Accepted").Text("status") == "False", "the new version to be refused");

        Assert.That(Parent(route, "Accepted").Number("observedGeneration"), Is.EqualTo(2));
        Assert.That(RouteShares.IsInEffect(route), Is.False);
        Assert.That(history.Course("shop", shop => shop.Number("metadata.generation")), Is.EqualTo([1, 2]));
    }

    [Test]
    public async Task Simulated_traffic_follows_the_route_and_reaches_Prometheus()
    {
        await StartKubeletAsync();
        await StartGatewayAsync();
        var traffic = await StartTrafficAsync("shop", "shop", 1000);
        var prometheus = await SharedPrometheusAsync();
        foreach (var (app, version, percent) in new[] { ("shop", "v1", "0"), ("shop-canary", "v2", "10") })
        {
            await ApplyAsync(Manifests.Service(app));
            await ApplyAsync(Manifests.Deployment(2, Manifests.Template(version, app, (PodAnnotations.FailPercent, percent)), app));
            await UntilAsync(ClusterPath.Endpoints(Namespace, app), item => Addresses(item).Count() == 2, "two endpoints");
        }
        await ApplyAsync(Manifests.HttpRoute("shop", ("shop", 75), ("shop-canary", 25)));

        await WaitFor.StateAsync(_ => Task.FromResult(traffic.Of("v2").Requests), requests => requests > 500, TimeSpan.FromSeconds(20), "requests", Cancellation);
        var (stable, canary) = (traffic.Of("v1"), traffic.Of("v2"));
        Assert.That(100.0 * canary.Requests / (stable.Requests + canary.Requests), Is.EqualTo(25).Within(1));
        Assert.That(100.0 * canary.Errors / canary.Requests, Is.EqualTo(10).Within(1));
        Assert.That(stable.Errors, Is.Zero);
        Assert.That(traffic.Lost, Is.Zero);
        await WaitFor.StateAsync(
            token => prometheus.QueryAsync($"sum(http_requests_total{{namespace=\"{Namespace}\",pod=~\"shop-canary-.*\",code=\"500\"}})", token),
            errors => errors > 10, TimeSpan.FromSeconds(20), "errors in Prometheus", Cancellation);
    }

    [Test]
    public async Task Traffic_to_a_backend_without_endpoints_is_lost()
    {
        await StartGatewayAsync();
        var traffic = await StartTrafficAsync("shop", "shop", 1000);
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(Manifests.HttpRoute());
        await WaitFor.StateAsync(_ => Task.FromResult(traffic.Lost), lost => lost > 100, TimeSpan.FromSeconds(10), "lost requests", Cancellation);
    }

    [Test]
    public async Task ServiceAccount_kubeconfig_has_its_own_rights_and_no_others()
    {
        var folder = Directory.CreateTempSubdirectory("rollout-kubeconfig-");
        var manifest = $$"""
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: limited} }
            ---
            {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: limited}, rules: [{apiGroups: [""], resources: [pods], verbs: [list]}] }
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: limited}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: limited}
            subjects: [{kind: ServiceAccount, name: limited, namespace: {{Namespace}} }]
            """;
        var file = await ServiceAccountKubeconfig.CreateAsync(Api, manifest, folder.FullName, Cancellation, Namespace, "limited");
        using var limited = ClusterApi.FromKubeconfig(file);

        // The authorizer learns of a new role by a watch.
        await WaitFor.StateAsync(token => AllowedAsync(limited, ClusterPath.Pods(Namespace), token), allowed => allowed, TimeSpan.FromSeconds(10), "the role to be known", Cancellation);
        Assert.That(await AllowedAsync(limited, ClusterPath.Services(Namespace), Cancellation), Is.False);
        folder.Delete(recursive: true);
    }

    [Test]
    public async Task Rollout_builder_writes_what_the_API_takes()
    {
        await RequireRolloutsAsync();
        var shop = new RolloutBuilder(Manifests.Template("v1", annotations: (PodAnnotations.FailPercent, "0.5"))) { PauseAt = [25], MinRequests = 100 };
        var written = await ApplyAsync(shop.Yaml());
        Assert.That(written.Each("spec.steps").Select(step => step.Number("weight")), Is.EqualTo(shop.Weights));
        Assert.That(written.Flag("spec.steps.1.pause"), Is.True);

        written = await ApplyAsync(new RolloutBuilder(Manifests.Template("v1", "plain")) { Name = "plain", Service = null, MaxErrorRate = null, Weights = [] }.Yaml());
        Assert.That(written.At("spec.traffic"), Is.Null);
    }

    [Test]
    public void Controller_that_does_not_start_is_told_with_its_log()
    {
        Assert.That(
            () => ControllerProcess.StartAsync("any", Namespace, null, Cancellation, leaseNamespace: null, "--no-such-option"),
            Throws.InvalidOperationException.With.Message.Contains("exit code").And.Message.Contains("no-such-option"));
    }

    [Test]
    public async Task Proxy_tells_writes_that_were_carried_out_from_those_that_were_refused_and_lets_a_watch_begin_before_its_first_event()
    {
        var folder = Directory.CreateTempSubdirectory("rollout-proxy-");
        var through = Path.Combine(folder.FullName, "kubeconfig");
        await using var proxy = await RecordingProxy.StartAsync(Environment.GetEnvironmentVariable(ClusterApi.KubeconfigVariable)!, through, Cancellation);
        using var client = ClusterApi.FromKubeconfig(through);
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        soon.CancelAfter(TimeSpan.FromSeconds(20));

        var list = await client.SendAsync(HttpMethod.Get, ClusterPath.Deployments(Namespace), null, Cancellation);
        using var watch = await client.OpenWatchAsync(ClusterPath.Deployments(Namespace), list.Text("metadata.resourceVersion")!, soon.Token);
        await client.ApplyAsync(Manifests.Service(), Namespace, Cancellation);
        Assert.That(() => client.MergeAsync(ClusterPath.Services(Namespace, "shop"), "{spec: {ports: []}}", Cancellation), Throws.TypeOf<ClusterApiException>());

        Assert.That(proxy.Writes.Select(write => (write.Method, write.IsDone, write.IsOfLease)), Is.EqualTo([("PATCH", true, false), ("PATCH", false, false)]));
        folder.Delete(recursive: true);
    }

    internal static IEnumerable<string?> Addresses(JsonNode endpoints) =>
        endpoints.Each("subsets").SelectMany(subset => subset.Each("addresses")).Select(address => address.Text("ip"));

    private static async Task<bool> AllowedAsync(ClusterApi api, string path, CancellationToken cancellationToken)
    {
        try
        {
            await api.ListAsync(path, cancellationToken);
            return true;
        }
        catch (ClusterApiException exception) when (exception.Reason == "Forbidden")
        {
            return false;
        }
    }

    private static JsonNode? Parent(JsonNode route, string condition) =>
        route.Each("status.parents.0.conditions").FirstOrDefault(item => item.Text("type") == condition);

    private async Task<JsonObject> FirstPodAsync(Func<JsonObject, bool> condition, string what) =>
        (await UntilAllAsync(ClusterPath.Pods(Namespace), pods => pods.Count == 1 && condition(pods[0]), what))[0];
}
