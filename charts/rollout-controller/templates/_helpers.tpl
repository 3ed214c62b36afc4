{{- define "rollout-controller.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Short enough that what is added to it still is a name. */}}
{{- define "rollout-controller.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "rollout-controller.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "rollout-controller.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selectors hold cannot be changed later, so it is no more than this. */}}
{{- define "rollout-controller.selector" -}}
app.kubernetes.io/name: {{ include "rollout-controller.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "rollout-controller.commonLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "rollout-controller.labels" -}}
{{ include "rollout-controller.selector" . }}
{{ include "rollout-controller.commonLabels" . }}
{{- end -}}

{{- define "rollout-controller.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "rollout-controller.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name: write the name of the account, or leave serviceAccount.create true" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "rollout-controller.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "rollout-controller.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* The token, certificate and namespace for the API: what Kubernetes would mount by itself, but with a token that expires. */}}
{{- define "rollout-controller.apiTokenVolume" -}}
- name: api-token
  projected:
    defaultMode: 0440
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3607}
      - configMap:
          name: kube-root-ca.crt
          items: [{key: ca.crt, path: ca.crt}]
      - downwardAPI:
          items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]
{{- end -}}

{{- define "rollout-controller.subjects" -}}
- {kind: ServiceAccount, name: {{ include "rollout-controller.serviceAccount" . }}, namespace: {{ .Release.Namespace }}}
{{- end -}}

{{- define "rollout-controller.egressToApi" -}}
{{- with .Values.networkPolicy.dns -}}
- to:
    {{- toYaml . | nindent 4 }}
  ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
{{ end -}}
# The API server, whose address a manifest cannot know: narrow it to yours (kubectl get endpointslices -n default). Metadata services of clouds
# are left out in any case.
- to:
    {{- toYaml .Values.networkPolicy.apiServer.to | nindent 4 }}
  ports:
    {{- range .Values.networkPolicy.apiServer.ports }}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
{{- end -}}

{{/* The port of traces.endpoint: the one that it names, or that of its scheme. */}}
{{- define "rollout-controller.collectorPort" -}}
{{- $endpoint := urlParse .Values.traces.endpoint -}}
{{- regexFind ":[0-9]+$" $endpoint.host | trimPrefix ":" | default (ternary "443" "80" (eq $endpoint.scheme "https")) -}}
{{- end -}}
