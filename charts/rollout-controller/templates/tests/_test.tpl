{{/* What the objects of helm test have in common. */}}
{{- define "rollout-controller.testName" -}}
{{- printf "%s-test" (include "rollout-controller.fullname" .) -}}
{{- end -}}

{{- define "rollout-controller.testSelector" -}}
app.kubernetes.io/name: {{ include "rollout-controller.name" . }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "rollout-controller.testMetadata" }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "rollout-controller.testSelector" . | nindent 4 }}
    {{- include "rollout-controller.commonLabels" . | nindent 4 }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{- define "rollout-controller.testPod" -}}
restartPolicy: Never
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "rollout-controller.testContainer" -}}
image: {{ include "rollout-controller.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
env:
  - {name: DOTNET_EnableDiagnostics, value: "0"}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  {{- include "rollout-controller.containerSecurity" . | nindent 2 }}
{{- end -}}
