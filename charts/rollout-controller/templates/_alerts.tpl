{{/*
What whoever is on call wants to know. Names of metrics that other controllers have, too, are held to the controller's pods; every replica shows the series
of Rollouts, so these are taken together.
*/}}
{{- define "rollout-controller.alerts" -}}
{{- $own := printf "namespace=%q,pod=~\"%s-.+\"" .Release.Namespace (include "rollout-controller.fullname" .) -}}
- alert: RolloutControllerDown
  expr: absent(leader_election_master_status{ {{- $own -}} })
  for: 5m
  labels: {severity: critical}
  annotations:
    summary: Nobody looks after Rollouts
    description: >-
      No pod of the controller was scraped for five minutes. Traffic stays as it is, and a bad version is not taken back. See whether the pods run
      (kubectl -n {{ .Release.Namespace }} get pods), and why not; where they do, whether Prometheus may reach them.
- alert: RolloutControllerWithoutLeader
  expr: sum(leader_election_master_status{ {{- $own -}} }) == 0
  for: 2m
  labels: {severity: critical}
  annotations:
    summary: No replica of the controller acts
    description: >-
      Replicas run, but none holds the lease. Traffic stays as it is, and a bad version is not taken back. Their logs and /readyz say what they wait
      for; most often the API server cannot be reached, or the settings cannot be used.
- alert: RolloutRollbackStuck
  expr: max by (namespace, name) (rollout_status_phase{phase="RollingBack"}) == 1
  for: 5m
  labels: {severity: critical}
  annotations:
    summary: Rollout {{`{{ $labels.namespace }}/{{ $labels.name }}`}} cannot be rolled back
    description: >-
      A bad version still has traffic after five minutes. What the rollback waits for is in the status:
      kubectl -n {{`{{ $labels.namespace }}`}} get rollout {{`{{ $labels.name }}`}} -o wide
- alert: RolloutRolledBack
  expr: max by (namespace, name) (rollout_status_phase{phase="RolledBack"}) == 1
  labels: {severity: warning}
  annotations:
    summary: Rollout {{`{{ $labels.namespace }}/{{ $labels.name }}`}} was rolled back
    description: >-
      The version before has all the traffic. Which check failed, by what value: kubectl -n {{`{{ $labels.namespace }}`}} get rollout
      {{`{{ $labels.name }}`}} -o jsonpath={.status.lastRollback}
- alert: RolloutInvalid
  expr: max by (namespace, name) (rollout_status_phase{phase="Invalid"}) == 1
  for: 10m
  labels: {severity: warning}
  annotations:
    summary: Rollout {{`{{ $labels.namespace }}/{{ $labels.name }}`}} cannot be carried out
    description: >-
      What is wrong and what to write instead is in status.message: kubectl -n {{`{{ $labels.namespace }}`}} describe rollout {{`{{ $labels.name }}`}}
- alert: RolloutNotProgressing
  expr: >-
    max by (namespace, name) (rollout_status_phase{phase="Progressing"}) == 1
    and max by (namespace, name) (changes(rollout_traffic_weight_percent[10m])) == 0
  for: {{ .Values.prometheusRule.notProgressingAfter }}
  labels: {severity: warning}
  annotations:
    summary: Rollout {{`{{ $labels.namespace }}/{{ $labels.name }}`}} does not go on
    description: >-
      Its weight has not changed for {{ .Values.prometheusRule.notProgressingAfter }}. What it waits for is in status.message: metrics that are missing, too few
      requests, pods that do not come up, or a hook that says hold.
- alert: RolloutReconcileErrors
  expr: sum by (pod) (rate(controller_runtime_reconcile_total{ {{- $own -}} ,controller="rollout",result="error"}[5m])) > 0
  for: 15m
  labels: {severity: warning}
  annotations:
    summary: The controller fails at a Rollout again and again
    description: >-
      Rollouts with the condition Stalled and the reason ReconcileFailed say what fails; so does the log of {{`{{ $labels.pod }}`}}.
- alert: RolloutWorkerStuck
  expr: max by (pod) (workqueue_longest_running_processor_seconds{ {{- $own -}} ,name="rollout"}) > 120
  for: 5m
  labels: {severity: warning}
  annotations:
    summary: The controller has worked on one Rollout for minutes
    description: >-
      A pass takes less than a second. The log of {{`{{ $labels.pod }}`}} says what it waits for.
- alert: RolloutMetricsUnavailable
  expr: >-
    sum(rate(rollout_verdicts_total{ {{- $own -}} ,class=~"ProviderError|ConfigError"}[5m]))
    / sum(rate(rollout_verdicts_total{ {{- $own -}} }[5m])) > 0.5
  for: 10m
  labels: {severity: warning}
  annotations:
    summary: Metrics of most Rollouts cannot be asked
    description: >-
      Versions under way keep their weight until they can be judged; rollbacks need no metrics. See whether the provider of metrics answers, and whether its
      credentials are still good.
- alert: RolloutRightsMissing
  # A series begins with the first refusal, which increase then misses.
  expr: >-
    sum by (kind, method) (increase(rest_client_requests_total{ {{- $own -}} ,code="403"}[15m])) > 0
    or sum by (kind, method) (rest_client_requests_total{ {{- $own -}} ,code="403"}
    unless last_over_time(rest_client_requests_total{ {{- $own -}} ,code="403"}[1h] offset 15m)) > 0
  labels: {severity: warning}
  annotations:
    summary: The controller may not {{`{{ $labels.method }} {{ $labels.kind }}`}}
    description: >-
      The API server refused it in the last 15 minutes. The roles are older than the controller, or a Rollout needs rights of rbac.config or rbac.checks; its
      status.message then has the commands.
- alert: RolloutWatchSilent
  expr: time() - max by (pod, kind) (informer_last_event_timestamp_seconds{ {{- $own -}} } > 0) > 900
  for: 5m
  labels: {severity: warning}
  annotations:
    summary: Nothing was heard of {{`{{ $labels.kind }}`}} for 15 minutes
    description: >-
      A watch says something every minute, if only that it is alive. {{`{{ $labels.pod }}`}} may decide by what is no longer so: see its log, and whether the API
      server is well.
- alert: RolloutNotificationsLost
  expr: sum by (sink) (increase(rollout_notifications_total{ {{- $own -}} ,outcome=~"failed|dropped"}[15m])) > 0
  labels: {severity: warning}
  annotations:
    summary: Notifications do not reach {{`{{ $labels.sink }}`}}
    description: >-
      What it should have told is in the events of the Rollouts. See whether its address answers, and whether its credentials are still good.
{{- end -}}
