{{/* One server as the settings have it: values as they are, and for credentials the paths of the files that they are mounted as. Takes fields and path. */}}
{{- define "rollout-controller.server" -}}
{{- $settings := dict -}}
{{- range $field, $value := .fields -}}
{{- if kindIs "map" $value -}}
{{- if $value -}}{{- $_ := set $settings (printf "%sFile" (title $field)) (printf "/etc/rollout/secrets/%s/%s" $.path $field) -}}{{- end -}}
{{- else if $value -}}
{{- $_ := set $settings (title $field) $value -}}
{{- end -}}
{{- end -}}
{{- toJson $settings -}}
{{- end -}}

{{/* The section Rollout of appsettings.json, as JSON; {} where nothing is set but what the environment says. */}}
{{- define "rollout-controller.settings" -}}
{{- $settings := dict -}}
{{- with include "rollout-controller.server" (dict "fields" (omit .Values.prometheus "address") "path" "prometheus") | fromJson -}}
{{- $_ := set $settings "Prometheus" . -}}
{{- end -}}
{{- range $section := list "providers" "logs" "hooks" "notifications" -}}
{{- $servers := dict -}}
{{- range $name, $fields := index $.Values $section -}}
{{- $_ := set $servers $name (include "rollout-controller.server" (dict "fields" $fields "path" (printf "%s/%s" $section $name)) | fromJson) -}}
{{- end -}}
{{- if $servers -}}{{- $_ := set $settings (title $section) $servers -}}{{- end -}}
{{- end -}}
{{- if .Values.healthKey -}}{{- $_ := set $settings "HealthKeyFile" "/etc/rollout/secrets/healthKey" -}}{{- end -}}
{{- toJson $settings -}}
{{- end -}}

{{/* Where a file comes from. Takes reference and path. */}}
{{- define "rollout-controller.source" -}}
- {{ ternary "configMap" "secret" (hasKey .reference "configMap") }}:
    name: {{ default .reference.secret .reference.configMap }}
    items: [{key: {{ .reference.key | quote }}, path: {{ .path }}}]
{{ end -}}

{{/* The sources of the one volume that holds all credentials; empty where there is none. */}}
{{- define "rollout-controller.sources" -}}
{{- range $field, $value := .Values.prometheus -}}
{{- if and (kindIs "map" $value) $value -}}{{- include "rollout-controller.source" (dict "reference" $value "path" (printf "prometheus/%s" $field)) -}}{{- end -}}
{{- end -}}
{{- range $section := list "providers" "logs" "hooks" "notifications" -}}
{{- range $name, $fields := index $.Values $section -}}
{{- range $field, $value := $fields -}}
{{- if and (kindIs "map" $value) $value -}}{{- include "rollout-controller.source" (dict "reference" $value "path" (printf "%s/%s/%s" $section $name $field)) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with .Values.healthKey -}}{{- include "rollout-controller.source" (dict "reference" . "path" "healthKey") -}}{{- end -}}
{{- end -}}
