// The brokers themselves. Names as the JMX exporter inside MSK's brokers makes them of Kafka's beans, the bean's name as the label `name`
// (Amazon MSK Developer Guide, "Monitor with Prometheus"; kafka.apache.org/documentation, "Monitoring"; read 2026-11-28).
import type { Query } from './query.ts';

const source = { exporters: ['msk-jmx'] } as const;
const TOPIC_RATE = 'kafka_server_BrokerTopicMetrics_OneMinuteRate';

export const brokers = {
  messagesIn: {
    title: 'Records written, by topic',
    promql: `sum by (topic) (${TOPIC_RATE}{name="MessagesInPerSec", topic!=""})`,
    unit: 'cps',
    about: 'Records each second that producers wrote.',
    legend: '{{topic}}',
    source,
  },
  bytesIn: {
    title: 'Bytes written',
    promql: `sum by (instance) (${TOPIC_RATE}{name="BytesInPerSec", topic=""})`,
    unit: 'binBps',
    about: 'Bytes each second that producers wrote to each broker.',
    legend: '{{instance}}',
    source,
  },
  bytesOut: {
    title: 'Bytes read',
    promql: `sum by (instance) (${TOPIC_RATE}{name="BytesOutPerSec", topic=""})`,
    unit: 'binBps',
    about: 'Bytes each second that consumers read from each broker.',
    legend: '{{instance}}',
    source,
  },
  underReplicated: {
    title: 'Partitions with too few replicas',
    promql: 'sum by (instance) (kafka_server_ReplicaManager_Value{name="UnderReplicatedPartitions"})',
    unit: 'short',
    about: 'Partitions of which a broker is behind or away. Zero but for restarts of brokers.',
    legend: '{{instance}}',
    source,
  },
  underMinIsr: {
    title: 'Partitions that cannot be written',
    promql: 'sum by (instance) (kafka_server_ReplicaManager_Value{name="UnderMinIsrPartitionCount"})',
    unit: 'short',
    about: 'Partitions with fewer replicas in step than a safe write needs: producers wait, outboxes fill.',
    legend: '{{instance}}',
    source,
  },
  offline: {
    title: 'Partitions without a leader',
    promql: 'max(kafka_controller_KafkaController_Value{name="OfflinePartitionsCount"})',
    unit: 'short',
    about: 'Nobody can read or write them.',
    legend: 'partitions',
    source,
  },
  idle: {
    title: 'Request handlers idle',
    promql:
      'min by (instance) (kafka_server_KafkaRequestHandlerPool_OneMinuteRate{name="RequestHandlerAvgIdlePercent"})',
    unit: 'percentunit',
    about:
      'Part of the time in which a broker’s request handlers had nothing to do. Below a third it needs to be larger.',
    legend: '{{instance}}',
    source,
  },
} as const satisfies Readonly<Record<string, Query>>;
