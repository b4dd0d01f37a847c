// Where Grafana asks, and how one answer leads to the next: from a line of a log to its trace, from a span to the lines of its process
// and to its numbers.
import { inRoom, PORTS } from './addresses.ts';
import { LOKI, PROMETHEUS, TEMPO } from './dashboards/data-sources.ts';

interface Urls {
  readonly prometheus: string;
  readonly alertmanager: string;
}

const AS_PROXY = { access: 'proxy', editable: false } as const;

const prometheusSource = (address: string) => ({
  name: 'Prometheus',
  ...PROMETHEUS,
  ...AS_PROXY,
  url: `http://${address}`,
  isDefault: true,
  jsonData: {
    httpMethod: 'POST',
    // So that rates over `$__rate_interval` span four samples.
    timeInterval: '15s',
    // For exemplars, which none of our processes tells yet (docs/adr/0035-what-watches.md).
    exemplarTraceIdDestinations: [{ name: 'traceId', datasourceUid: TEMPO.uid }],
  },
});

const alertmanagerSource = (address: string) => ({
  name: 'Alertmanager',
  type: 'alertmanager',
  uid: 'alertmanager',
  ...AS_PROXY,
  url: `http://${address}`,
  jsonData: { implementation: 'prometheus', handleGrafanaManagedAlerts: false },
});

const lokiSource = () => ({
  name: 'Loki',
  ...LOKI,
  ...AS_PROXY,
  url: `http://${inRoom('loki', PORTS.loki)}`,
  jsonData: {
    derivedFields: [
      {
        name: 'Trace',
        matcherType: 'label',
        matcherRegex: 'traceId',
        datasourceUid: TEMPO.uid,
        url: '$${__value.raw}',
        urlDisplayLabel: 'Open the trace',
      },
    ],
  },
});

const tempoSource = () => ({
  name: 'Tempo',
  ...TEMPO,
  ...AS_PROXY,
  url: `http://${inRoom('tempo', PORTS.tempo)}`,
  jsonData: {
    // Clocks of spans and lines differ by little; a line may be written after its span has ended.
    tracesToLogsV2: {
      datasourceUid: LOKI.uid,
      spanStartTimeShift: '-1m',
      spanEndTimeShift: '1m',
      tags: [{ key: 'service.name', value: 'process' }],
      customQuery: true,
      query: '{$${__tags}} | traceId="$${__trace.traceId}"',
    },
    tracesToMetrics: {
      datasourceUid: PROMETHEUS.uid,
      spanStartTimeShift: '-15m',
      spanEndTimeShift: '15m',
      tags: [{ key: 'service.name', value: 'process' }],
      queries: [
        {
          name: 'Requests a second',
          query: 'sum(rate(http_request_duration_seconds_count{$$__tags}[$$__rate_interval]))',
        },
      ],
    },
  },
});

/** Grafana's provisioning file. It fills in `$NAME` from its environment, so each of its own variables has two signs. */
export const dataSources = ({ prometheus, alertmanager }: Urls) => ({
  apiVersion: 1,
  // Grafana deletes what is no longer in Git.
  prune: true,
  datasources: [prometheusSource(prometheus), alertmanagerSource(alertmanager), lokiSource(), tempoSource()],
});
