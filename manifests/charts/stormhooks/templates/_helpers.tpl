{{/* The server's image; the helper image of topologies' pods is the same one. */}}
{{- define "stormhooks.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Where Metacontroller finds a hook. */}}
{{- define "stormhooks.hook" -}}
version: v2
webhook:
  url: http://stormhooks.{{ .context.Release.Namespace }}/{{ .path }}
  timeout: 10s
{{- end }}

{{/* What a binding binds: one of the roles, to Metacontroller. */}}
{{- define "stormhooks.binding" -}}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: stormhooks-metacontroller-{{ .role }}
subjects:
- kind: ServiceAccount
  name: {{ .account.name }}
  namespace: {{ .account.namespace }}
{{- end }}

{{- define "stormhooks.monitoringLabels" -}}
app.kubernetes.io/name: stormhooks
{{- with .labels }}
{{ toYaml . }}
{{- end }}
{{- end }}
