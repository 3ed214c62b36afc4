using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>What roles allow, and what is said of the rest.</summary>
internal sealed class AccessTests : ConformanceTest
{
    [Test]
    public async Task Roles_allow_what_they_name_and_nothing_else()
    {
        await CreateAsync(Subject.Rollout);
        await CreateAsync(Subject.Rollout, "other");
        await CreateAsync(Subject.ConfigMap);
        using var limited = await AccountAsync(
            """
            [{apiGroups: [rollouts.dev], resources: [rollouts], verbs: [get, list]},
             {apiGroups: [rollouts.dev], resources: [rollouts/status], verbs: [patch]},
             {apiGroups: [""], resources: [pods/log], verbs: [get]},
             {apiGroups: [""], resources: [configmaps], resourceNames: [shop], verbs: [get, patch]}]
            """);
        var rollout = Subject.Rollout.Path(Namespace, "shop");
        // The authorizer learns of a new role by a watch.
        await WaitFor.StateAsync(async _ => (await AsAsync(HttpMethod.Get, rollout)).Code, code => code == 200, TimeSpan.FromSeconds(20), "the role to be known", Cancellation);

        (await AsAsync(HttpMethod.Get, Subject.Rollout.Path(Namespace))).Is(200);
        (await AsAsync(HttpMethod.Patch, $"{rollout}/status", Subject.Rollout.Status)).Is(200);
        Refused(await AsAsync(HttpMethod.Patch, rollout, Subject.Rollout.Change), "patch", "rollouts", "rollouts.dev");
        Refused(await AsAsync(HttpMethod.Get, $"{rollout}/status"), "get", "rollouts/status", "rollouts.dev");
        Refused(await AsAsync(HttpMethod.Delete, rollout), "delete", "rollouts", "rollouts.dev");
        Refused(await AsAsync(HttpMethod.Get, $"{Subject.Rollout.Path(Namespace)}?watch=true&resourceVersion=0"), "watch", "rollouts", "rollouts.dev");
        Refused(await AsAsync(HttpMethod.Patch, $"{rollout}/scale", "{spec: {replicas: 1} }"), "patch", "rollouts/scale", "rollouts.dev");

        (await AsAsync(HttpMethod.Get, Subject.ConfigMap.Path(Namespace, "shop"))).Is(200);
        (await AsAsync(HttpMethod.Patch, Subject.ConfigMap.Path(Namespace, "shop"), Subject.ConfigMap.Change)).Is(200);
        Refused(await AsAsync(HttpMethod.Get, Subject.ConfigMap.Path(Namespace, "other")), "get", "configmaps", "");
        Refused(await AsAsync(HttpMethod.Get, Subject.ConfigMap.Path(Namespace)), "list", "configmaps", "");
        Refused(await AsAsync(HttpMethod.Get, Subject.ConfigMap.Path("default", "shop")), "get", "configmaps", "", "default");
        Refused(await AsAsync(HttpMethod.Post, Subject.ConfigMap.Path(Namespace), Subject.ConfigMap.Written("new")), "create", "configmaps", "");
        Refused(await AsAsync(HttpMethod.Get, ClusterPath.Pods(Namespace)), "list", "pods", "");

        (await AsAsync(HttpMethod.Get, $"{ClusterPath.Pods(Namespace, "none")}/log")).Refuses(404, "NotFound");
        Refused(await AsAsync(HttpMethod.Get, ClusterPath.Pods(Namespace, "none")), "get", "pods", "");

        Task<Answer> AsAsync(HttpMethod method, string path, string? body = null) =>
            AskAsync(method, path, body, method == HttpMethod.Patch ? Merge : "application/json", limited);
    }

    [Test]
    public async Task A_role_that_names_an_object_lets_it_be_listed_and_watched_by_its_name()
    {
        await CreateAsync(Subject.ConfigMap);
        using var limited = await AccountAsync("""[{apiGroups: [""], resources: [configmaps], resourceNames: [shop], verbs: [list, watch]}]""");
        var path = Subject.ConfigMap.Path(Namespace);
        var own = $"{path}?fieldSelector=metadata.name%3Dshop";
        await WaitFor.StateAsync(async _ => (await AsAsync(own)).Code, code => code == 200, TimeSpan.FromSeconds(20), "the role to be known", Cancellation);

        var list = (await AsAsync(own)).Is(200);
        Assert.That(list.Object.Each("items").Select(item => item.Name()), Is.EqualTo(["shop"]));
        (await AsAsync($"{own}&watch=true&timeoutSeconds=1&resourceVersion={list.Version}")).Is(200);
        Refused(await AsAsync(path), "list", "configmaps", "");
        Refused(await AsAsync($"{path}?fieldSelector=metadata.name%21%3Dshop"), "list", "configmaps", "");
        Refused(await AsAsync($"{path}?fieldSelector=metadata.name%3Dother"), "list", "configmaps", "");
        Refused(await AsAsync($"{path}?fieldSelector=metadata.name%3Dother&watch=true"), "watch", "configmaps", "");
        Refused(await AsAsync($"{path}/shop"), "get", "configmaps", "");

        Task<Answer> AsAsync(string asked) => AskAsync(HttpMethod.Get, asked, api: limited);
    }

    [Test]
    public async Task Discovery_is_for_everybody_who_is_known()
    {
        using var limited = await AccountAsync("[]");
        (await AskAsync(HttpMethod.Get, "/apis/rollouts.dev/v1alpha1", api: limited)).Is(200);
        (await AskAsync(HttpMethod.Get, "/api", api: limited)).Is(200);
    }

    [Test]
    public async Task Token_of_nobody_is_refused()
    {
        using var folder = new Kubernetes.TemporaryFolder();
        var file = System.IO.Path.Combine(folder.Path, "kubeconfig");
        await File.WriteAllTextAsync(file, $"{{clusters: [{{cluster: {{server: \"{Api.Server}\"}} }}], users: [{{user: {{token: \"nobody's\"}} }}] }}", Cancellation);
        using var nobody = ClusterApi.FromKubeconfig(file);
        (await AskAsync(HttpMethod.Get, ClusterPath.Pods(Namespace), api: nobody)).Refuses(401, "Unauthorized");
    }

    private void Refused(Answer answer, string verb, string resource, string group, string? @namespace = null) => Assert.That(
        answer.Refuses(403, "Forbidden").Object.Text("message"),
        Does.EndWith($"is forbidden: User \"system:serviceaccount:{Namespace}:limited\" cannot {verb} resource \"{resource}\" in API group \"{group}\" in the namespace \"{@namespace ?? Namespace}\""));

    private async Task<ClusterApi> AccountAsync(string rules)
    {
        using var folder = new Kubernetes.TemporaryFolder();
        var manifest = $$"""
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: limited} }
            ---
            {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: limited}, rules: {{rules.ReplaceLineEndings(" ")}} }
            ---
            {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: limited},
             roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: limited}, subjects: [{kind: ServiceAccount, name: limited, namespace: {{Namespace}} }] }
            """;
        return ClusterApi.FromKubeconfig(await ServiceAccountKubeconfig.CreateAsync(Api, manifest, folder.Path, Cancellation, Namespace, "limited"));
    }
}
