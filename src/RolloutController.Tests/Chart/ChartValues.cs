namespace RolloutController.Tests.Chart;

/// <summary>The installs that the chart is rendered for in tests.</summary>
internal static class ChartValues
{
    /// <summary>Two namespaces, every credential, every monitor, a policy for the whole namespace.</summary>
    public const string Everything = """
        namespaces: [shop, blog]
        image: {digest: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}
        imagePullSecrets: [{name: registry}]
        commonLabels: {team: platform}
        rbac:
          config: {shop: {configMaps: [shop-config], secrets: [shop-db]}, blog: {configMaps: [texts, more-texts]}}
          checks: {shop: {secrets: [shop-health]}}
        prometheus:
          address: http://prometheus.monitoring:9090
          preset: istio
          namespaceLabel: namespace
          tenantId: shops
          bearerToken: {secret: prometheus, key: token}
          certificateAuthority: {configMap: authorities, key: ca.crt}
        providers:
          mimir: {address: "https://mimir.example/prometheus", username: rollout, password: {secret: mimir, key: password}}
        logs:
          loki: {address: "https://loki.example", clientCertificate: {secret: loki, key: tls.crt}, clientKey: {secret: loki, key: tls.key}}
        hooks:
          approvals: {address: "https://approvals.example/rollouts", signingKey: {secret: approvals, key: key}}
        notifications:
          ops: {kind: Webhook, url: "https://ops.example/rollouts", severity: P3, signingKey: {secret: ops, key: hmac}}
          chat: {kind: Slack, url: {secret: chat, key: url}, namespaces: [shop, blog]}
          duty: {kind: PagerDuty, routingKey: {secret: duty, key: key}, severity: P1}
        healthKey: {secret: health, key: key}
        traces: {endpoint: "http://collector.monitoring:4317"}
        log: {format: json, level: debug}
        priorityClassName: system-cluster-critical
        podLabels: {stage: production}
        podAnnotations: {example.com/owner: platform}
        nodeSelector: {kubernetes.io/os: linux}
        tolerations: [{key: control, operator: Exists}]
        affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: pool, operator: Exists}]}]}}}
        topologySpreadConstraints: [{maxSkew: 1, topologyKey: rack, whenUnsatisfiable: DoNotSchedule}]
        serviceAccount: {annotations: {example.com/role: rollout}}
        service: {port: 80, annotations: {example.com/scrape: "true"}}
        networkPolicy: {denyAll: true, ingressFrom: [], pods: []}
        serviceMonitor: {enabled: true, labels: {release: prometheus}}
        podMonitor: {enabled: true}
        prometheusRule: {enabled: true, labels: {release: prometheus}, notProgressingAfter: 6h}
        dashboards: {enabled: true}
        """;

    /// <summary>As little as can be left.</summary>
    public const string Least = """
        replicas: 1
        crds: {install: false}
        rbac: {create: false}
        userRoles: {create: false}
        serviceAccount: {create: false, name: another}
        networkPolicy: {enabled: false}
        podDisruptionBudget: {enabled: false}
        page: {enabled: false}
        """;

    /// <summary>All of them, by what they are.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["defaults"] = "{}",
        ["everything"] = Everything,
        ["least"] = Least,
        ["one namespace"] = "{namespaces: [shop], replicas: 3, fullnameOverride: controller}",
        ["OpenShift"] = "{podSecurityContext: {runAsUser: null, runAsGroup: null, fsGroup: null}}",
        ["a provider alone"] = "{providers: {mimir: {address: 'https://mimir.example', default: true}}}",
        ["the namespace as well"] = "{namespace: {create: true}, networkPolicy: {denyAll: true}, crds: {keep: false}}",
    };

    /// <summary>Their names, for test cases.</summary>
    public static IEnumerable<string> Names => All.Keys;
}
