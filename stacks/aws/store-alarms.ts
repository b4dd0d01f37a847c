// Alarms before customers notice: the database gets full or overloaded, Kafka loses copies or disk. Metrics: Amazon RDS,
// "Amazon CloudWatch metrics for Amazon RDS"; Amazon MSK, "Metrics for monitoring Standard brokers".
import { Construct } from 'constructs';
import { Alarm, type AlarmProps } from '../constructs/alarm.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';

export interface StoreAlarmsProps {
  readonly topicArn: string;
  /** Of the database's instance. */
  readonly databaseIdentifier: string;
  readonly kafkaClusterName: string;
}

type What = Omit<AlarmProps, 'topicArn'>;

const GIB = 1_073_741_824;
/** RDS grows a volume when a tenth of it is left, six hours after the last time: below that it did not. */
const FREE_STORAGE_SHARE_MIN = 0.08;
const CPU_PERCENT_MAX = 90;
const FREE_MEMORY_BYTES_MIN = 128 * 1_048_576;
/** AWS lets storage grow at 60 %: above this it did not. */
const KAFKA_DISK_PERCENT_MAX = 80;

export class StoreAlarms extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { topicArn, databaseIdentifier, kafkaClusterName }: StoreAlarmsProps,
  ) {
    super(scope, id);
    const { aws } = PlatformStack.of(this).settings;
    const brokers = aws.zones.map((_zone, at) => String(at + 1));
    const all = [
      ...databaseAlarms(databaseIdentifier, aws.postgres.volumeGib * GIB * FREE_STORAGE_SHARE_MIN),
      ...clusterAlarms(kafkaClusterName),
      ...brokers.flatMap((broker) => brokerAlarms(kafkaClusterName, broker)),
    ];
    for (const what of all) new Alarm(this, what.name, { ...what, topicArn });
  }
}

function databaseAlarms(identifier: string, freeBytesMin: number): What[] {
  const metric = (metricName: string) => ({
    namespace: 'AWS/RDS',
    metricName,
    statistic: 'Average' as const,
    dimensions: { DBInstanceIdentifier: identifier },
  });
  return [
    {
      name: 'postgres-storage',
      says: 'The volume of the services’ database is nearly full and has not grown: see its events, raise volumeGibMax',
      metric: metric('FreeStorageSpace'),
      isBreached: { below: freeBytesMin },
      periods: 3,
    },
    {
      name: 'postgres-processor',
      says: 'The services’ database has been busy for a quarter of an hour: see Performance Insights',
      metric: metric('CPUUtilization'),
      isBreached: { above: CPU_PERCENT_MAX },
      periods: 3,
    },
    {
      name: 'postgres-memory',
      says: 'The services’ database has hardly any memory left: too many connections, or too small an instance',
      metric: metric('FreeableMemory'),
      isBreached: { below: FREE_MEMORY_BYTES_MIN },
      periods: 3,
      silenceIs: 'wrong',
    },
  ];
}

function clusterAlarms(clusterName: string): What[] {
  const metric = (metricName: string) => ({
    namespace: 'AWS/Kafka',
    metricName,
    statistic: 'Maximum' as const,
    dimensions: { 'Cluster Name': clusterName },
  });
  return [
    {
      name: 'kafka-offline-partitions',
      says: 'Partitions of Kafka have no leader: nobody reads or writes them. See the brokers’ log and the state of the cluster',
      metric: metric('OfflinePartitionsCount'),
      isBreached: { above: 0 },
      silenceIs: 'wrong',
      periods: 2,
    },
    {
      name: 'kafka-controller',
      says: 'Kafka has had no active controller for ten minutes',
      metric: metric('ActiveControllerCount'),
      isBreached: { below: 1 },
      periods: 2,
    },
  ];
}

function brokerAlarms(clusterName: string, broker: string): What[] {
  const metric = (metricName: string) => ({
    namespace: 'AWS/Kafka',
    metricName,
    statistic: 'Maximum' as const,
    dimensions: { 'Cluster Name': clusterName, 'Broker ID': broker },
  });
  return [
    {
      name: `kafka-${broker}-too-few-copies`,
      says: `Broker ${broker} leads partitions with fewer copies than writes need: producers are refused`,
      metric: metric('UnderMinIsrPartitionCount'),
      isBreached: { above: 0 },
      periods: 3,
    },
    {
      name: `kafka-${broker}-disk`,
      says: `The disk of broker ${broker} is nearly full and has not grown: raise volumeGibMax, or shorten retention`,
      metric: metric('KafkaDataLogsDiskUsed'),
      isBreached: { above: KAFKA_DISK_PERCENT_MAX },
    },
  ];
}
