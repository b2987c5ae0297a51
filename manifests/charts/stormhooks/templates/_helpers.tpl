{{/* The server's image, which is also the helper image of topologies' pods. */}}
{{- define "stormhooks.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ with .Values.image.digest }}@{{ . }}{{ end }}
{{- end }}

{{/* The address of a hook. */}}
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

{{/* The content of a binding: one of the roles, and Metacontroller. */}}
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

{{/* The token that Metacontroller sends, and the CA that it trusts. */}}
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
