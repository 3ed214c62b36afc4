using NUnit.Framework;
using RolloutController.Cli;
using RolloutController.Cli.Steering;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Tests.Cli;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>Writes of the command line where nobody answers, somebody was faster, the rights are missing, or a signal comes: on a cluster without a controller.</summary>
internal sealed class CommandLineTroubleTests : ClusterTest
{
    private KubernetesClient? _client;

    [SetUp]
    public async Task ApplyAsync()
    {
        await RequireRolloutsAsync();
        _client = new KubernetesClient(
            new KubernetesConfigurationLoader(TimeProvider.System).Load(Environment.GetEnvironmentVariable(ClusterApi.KubeconfigVariable)), KubernetesClientOptions.Default, TimeProvider.System);
        await ApplyAsync(new RolloutBuilder(Manifests.Template("v1")).Yaml());
    }

    [TearDown]
    public void DisposeClient() => _client?.Dispose();

    [Test]
    public async Task What_changed_only_in_its_status_is_written()
    {
        var seen = await ReadAsync();
        await Api.MergeAsync($"{ClusterPath.Rollouts(Namespace, "shop")}/status", "{status: {message: counted}}", Cancellation);

        Assert.That((await PauseAsync(seen)).Spec.Paused, Is.True);
    }

    [Test]
    public async Task What_somebody_else_changed_is_left_as_it_is()
    {
        var seen = await ReadAsync();
        await Api.MergeAsync(ClusterPath.Rollouts(Namespace, "shop"), "{spec: {replicas: 3}}", Cancellation);

        var refused = Assert.ThrowsAsync<CommandException>(() => PauseAsync(seen))!;
        Assert.That(refused.Message, Is.EqualTo($"Rollout {Namespace}/shop was changed while you looked at it (generation 2, you saw 1); nothing was written. Look at it, and ask again if you still want it."));
        Assert.That((await ReadAsync()).Spec.Paused, Is.False);
    }

    [Test]
    public async Task Another_object_of_the_same_name_is_not_hit()
    {
        var seen = await ReadAsync();
        await Api.DeleteAsync(ClusterPath.Rollouts(Namespace, "shop"), Cancellation);
        Assert.That(Assert.ThrowsAsync<CommandException>(() => PauseAsync(seen))!.Message, Does.Contain("was deleted while you looked at it"));

        await ApplyAsync(new RolloutBuilder(Manifests.Template("v1")).Yaml());
        Assert.That(Assert.ThrowsAsync<CommandException>(() => PauseAsync(seen))!.Message, Does.Contain("was deleted while you looked at it"));
    }

    [Test]
    public async Task What_the_API_refuses_is_told_as_it_says()
    {
        var seen = await ReadAsync();
        var refused = Assert.ThrowsAsync<KubernetesApiException>(() => ConditionalPatch.PatchAsync(
            _client!, RolloutObject.Kind, seen, [ConditionalPatch.Operation("add", "/spec/operation", new System.Text.Json.Nodes.JsonObject { ["id"] = "1", ["verb"] = "Jump", ["revision"] = "a" })], Cancellation))!;
        Assert.That(refused.Message, Does.Contain("spec.operation.verb"));
    }

    [Test]
    public async Task A_controller_that_does_not_answer_is_told()
    {
        var run = await CommandRun.RunAsync(Namespace, Cancellation, "pause", "shop", "--timeout", "1s");
        Assert.That((run.Code, run.Error), Is.EqualTo((5, "Pause of shop is asked for, and the controller has not answered within 1s. It is carried out when it does; is it running? kubectl -n rollout-system get pods\n")));
        Assert.That((await CommandRun.RunAsync(Namespace, Cancellation, "explain", "shop")).Output, Does.StartWith("The controller has not looked at shop yet.\n"));
    }

    [Test]
    public async Task Who_may_only_look_is_told_whom_to_ask_and_sees_what_may_be_seen()
    {
        var manifest = $$"""
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: looks} }
            ---
            {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: looks}, rules: [{apiGroups: [rollouts.dev], resources: [rollouts], verbs: [get, list, watch]}] }
            ---
            {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: looks},
             roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: looks}, subjects: [{kind: ServiceAccount, name: looks, namespace: {{Namespace}} }] }
            """;
        using var folder = new TemporaryFolder();
        var kubeconfig = await ServiceAccountKubeconfig.CreateAsync(Api, manifest, folder.Path, Cancellation, Namespace, "looks");
        using var looks = ClusterApi.FromKubeconfig(kubeconfig);
        await WaitFor.StateAsync(async token => (await looks.AskAsync(HttpMethod.Get, ClusterPath.Rollouts(Namespace), null, token)).Status, status => status == System.Net.HttpStatusCode.OK, TimeSpan.FromSeconds(20), "the role to be known", Cancellation);
        await Api.MergeAsync($"{ClusterPath.Rollouts(Namespace, "shop")}/status", "{status: {message: counted, selector: app=shop}}", Cancellation);

        var described = await CommandRun.RunAsAsync(kubeconfig, Namespace, Cancellation, "describe", "shop");
        Assert.That((described.Code, described.Error), Is.EqualTo((0, "")));
        Assert.That(described.Output, Does.Contain("your rights do not let you see its ReplicaSets and pods"));
        var paused = await CommandRun.RunAsAsync(kubeconfig, Namespace, Cancellation, "pause", "shop");
        Assert.That((paused.Code, paused.Output), Is.EqualTo((1, "")));
        Assert.That(paused.Error, Does.StartWith("The cluster refuses it: ").And.EndWith("Ask for the role edit, or view to look only, in that namespace (deploy/user-roles.yaml)\n"));
        Assert.That((await CommandRun.RunAsAsync(kubeconfig, Namespace, Cancellation, "get", "-A")).Error, Does.Contain("forbidden"));
    }

    [TestCase(0, "watch", "shop")]
    [TestCase(130, "status", "shop", "--wait")]
    public async Task A_signal_ends_what_waits(int code, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        string[] all = [.. arguments, "--kubeconfig", Environment.GetEnvironmentVariable(ClusterApi.KubeconfigVariable)!, "-n", Namespace];
        await using var process = ChildProcess.Start(Executable.Start(all), Path.Combine(folder.Path, "log"));
        await WaitFor.StateAsync(_ => Task.FromResult(process.ReadLog()), log => log.Length > 0, TimeSpan.FromSeconds(60), "the first line", Cancellation);

        Assert.That(await process.TerminateAsync(TimeSpan.FromSeconds(30), Cancellation), Is.True);
        Assert.That(process.ExitCode, Is.EqualTo(code), process.ReadLog());
    }

    private async Task<RolloutObject> ReadAsync() => (await _client!.GetAsync(RolloutObject.Kind, new ObjectKey(Namespace, "shop"), Cancellation))!;

    private Task<RolloutObject> PauseAsync(RolloutObject seen) =>
        ConditionalPatch.PatchAsync(_client!, RolloutObject.Kind, seen, [ConditionalPatch.Operation("add", "/spec/paused", true)], Cancellation);
}
