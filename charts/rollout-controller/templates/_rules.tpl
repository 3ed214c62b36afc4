{{/* All that the controller may do where it looks after Rollouts. */}}
{{- define "rollout-controller.rules" -}}
# patch: the finalizer while a rollout runs, and spec.replicas when the user left it out.
- apiGroups: [rollouts.dev]
  resources: [rollouts]
  verbs: [get, list, watch, patch]
- apiGroups: [rollouts.dev]
  resources: [rollouts/status]
  verbs: [patch]
# Asked of whoever sets blockOwnerDeletion in an owner reference (admission plugin OwnerReferencesPermissionEnforcement).
- apiGroups: [rollouts.dev]
  resources: [rollouts/finalizers]
  verbs: [update]
- apiGroups: [apps]
  resources: [replicasets]
  verbs: [get, list, watch, create, patch, delete]
# patch: a Deployment that a Rollout takes over is paused, and goes on when the Rollout is gone.
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, patch]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch]
# Jobs that a Rollout names as checks, and what they said when they fail.
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get, create, delete]
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
# patch: the selector of the user's Service while a rollout runs; create and delete: the Service of the canary.
- apiGroups: [""]
  resources: [services]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [get, list, watch]
- apiGroups: [gateway.networking.k8s.io]
  resources: [httproutes, grpcroutes]
  verbs: [get, list, watch, patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}
