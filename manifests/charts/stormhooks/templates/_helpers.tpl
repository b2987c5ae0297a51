{{/* The server's image; the helper image of topologies' pods is the same one. */}}
{{- define "stormhooks.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Where Metacontroller finds a hook. */}}
{{- define "stormhooks.hook" -}}
version: v2
webhook:
  {{- if .context.Values.tls.enabled }}
  url: https://stormhooks.{{ .context.Release.Namespace }}.svc/{{ .path }}
  {{- else }}
  url: http://stormhooks.{{ .context.Release.Namespace }}/{{ .path }}
  {{- end }}
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

{{/* What Metacontroller shows and trusts. */}}
{{- define "stormhooks.endpoint" -}}
{{- if .Values.tls.enabled }}
endpointConfigs:
- host: stormhooks.{{ .Release.Namespace }}.svc
  caBundle:
    secretRef:
      name: {{ .Values.tls.secretName }}
      namespace: {{ .Release.Namespace }}
      key: ca.crt
  authorization:
    secretRef:
      name: {{ .Values.tls.tokenSecretName }}
      namespace: {{ .Release.Namespace }}
      key: token
{{- end }}
{{- end }}
