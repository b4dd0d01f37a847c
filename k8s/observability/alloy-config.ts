// What Alloy does with the logs of our pods and the spans of our processes, in its own configuration language. The same on a laptop's
// cluster and on AWS; the caller says where it sends them.
import { inRoom, PORTS } from './addresses.ts';

/**
 * Fields of a line of ours (`runtime/log.ts`) that Loki knows without reading the line. Labels choose streams, so they have few values;
 * the id of a trace has as many as there are traces and is beside the line instead.
 */
export const LINE_FIELDS = {
  labels: ['process', 'level'],
  metadata: ['traceId'],
} as const;

/** Labels of every stream: of whose pod it is, and what our own lines say of themselves. */
export const STREAM_LABELS: readonly string[] = ['namespace', 'pod', ...LINE_FIELDS.labels];

export interface AlloyOptions {
  /** Whose pods' logs are read. */
  readonly namespaces: readonly string[];
  /** Whether several share the work. */
  readonly isClustered: boolean;
}

export const alloyConfig = (options: AlloyOptions): string =>
  [settings, pods(options), lines, spans].join('\n');

const settings = `logging {
  level  = "warn"
  format = "json"
}
`;

const quoted = (values: readonly string[]): string => values.map((value) => `"${value}"`).join(', ');
const fields = (names: readonly string[], valueOf: (name: string) => string): string =>
  names.map((name) => `${name} = "${valueOf(name)}"`).join(', ');

/** By the API server, not from the nodes' disks: that needs no right on any node, and any pod may do it for all. */
const pods = ({ namespaces, isClustered }: AlloyOptions): string => `discovery.kubernetes "pods" {
  role = "pod"
  namespaces {
    names = [${quoted(namespaces)}]
  }
}

discovery.relabel "pods" {
  targets = discovery.kubernetes.pods.targets
  rule {
    source_labels = ["__meta_kubernetes_namespace"]
    target_label  = "namespace"
  }
  rule {
    source_labels = ["__meta_kubernetes_pod_name"]
    target_label  = "pod"
  }
  // Of programs of others, whose lines do not say it.
  rule {
    source_labels = ["__meta_kubernetes_pod_label_app_kubernetes_io_name"]
    target_label  = "process"
  }
}

loki.source.kubernetes "pods" {
  targets    = discovery.relabel.pods.output
  forward_to = [loki.process.lines.receiver]
${isClustered ? '  clustering {\n    enabled = true\n  }\n' : ''}}
`;

const lines = `loki.process "lines" {
  forward_to = [loki.write.loki.receiver]
  // A line that is no JSON keeps the labels of its pod.
  stage.json {
    expressions = { ${fields([...LINE_FIELDS.labels, ...LINE_FIELDS.metadata], (name) => name)} }
  }
  stage.labels {
    values = { ${fields(LINE_FIELDS.labels, () => '')} }
  }
  stage.structured_metadata {
    values = { ${fields(LINE_FIELDS.metadata, () => '')} }
  }
}

loki.write "loki" {
  endpoint {
    url = "http://${inRoom('loki', PORTS.loki)}/loki/api/v1/push"
  }
}
`;

const spans = `otelcol.receiver.otlp "spans" {
  http {
    endpoint = "0.0.0.0:${PORTS.otlp}"
  }
  output {
    traces = [otelcol.processor.memory_limiter.spans.input]
  }
}

// Spans are refused before the pod is killed for them; whoever sent them tries again.
otelcol.processor.memory_limiter "spans" {
  check_interval         = "1s"
  limit_percentage       = 75
  spike_limit_percentage = 20
  output {
    traces = [otelcol.processor.batch.spans.input]
  }
}

otelcol.processor.batch "spans" {
  output {
    traces = [otelcol.exporter.otlphttp.tempo.input]
  }
}

otelcol.exporter.otlphttp "tempo" {
  client {
    endpoint = "http://${inRoom('tempo', PORTS.otlp)}"
  }
}
`;
