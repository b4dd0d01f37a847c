// The settings of the brokers: no topic is created by accident, and no acknowledged record is lost with one broker.
import { createHash } from 'node:crypto';
import { MskConfiguration } from '@cdktf/provider-aws/lib/msk-configuration/index.js';
import { Construct } from 'constructs';
import { topicSettings } from '#contracts/topics.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';

/** The largest record that any contract allows: the brokers' own limit must admit it. */
const RECORD_BYTES_MAX = Math.max(
  ...topicSettings().map(({ config }) => Number(config['max.message.bytes'] ?? 0)),
);

/** Source: Apache Kafka, "Broker Configs"; AWS, "Custom Amazon MSK configurations" (which may be set). */
const BROKER_SETTINGS = {
  'auto.create.topics.enable': 'false',
  'default.replication.factor': '3',
  // With acks=all a record is on two brokers before it is acknowledged, and writes continue while one is patched.
  'min.insync.replicas': '2',
  'unclean.leader.election.enable': 'false',
  'offsets.topic.replication.factor': '3',
  'transaction.state.log.replication.factor': '3',
  'transaction.state.log.min.isr': '2',
  'message.max.bytes': String(RECORD_BYTES_MAX),
};

export interface MskBrokerSettingsProps {
  /** As MSK names it, such as `4.1.x.kraft`. */
  readonly kafkaVersion: string;
}

export class MskBrokerSettings extends Construct {
  readonly arn: string;
  readonly revision: number;

  constructor(scope: Construct, id: string, { kafkaVersion }: MskBrokerSettingsProps) {
    super(scope, id);
    const serverProperties = Object.entries(BROKER_SETTINGS)
      .map(([name, value]) => `${name}=${value}\n`)
      .join('');
    const contentHash = createHash('sha256').update(`${kafkaVersion}\n${serverProperties}`).digest('hex');
    const configuration = new MskConfiguration(this, 'configuration', {
      // A change makes a new one, and the old one cannot go before the cluster has left it.
      name: `${PlatformStack.of(this).prefix}-kafka-${contentHash.slice(0, 8)}`,
      kafkaVersions: [kafkaVersion],
      serverProperties,
      lifecycle: { createBeforeDestroy: true },
    });
    this.arn = configuration.arn;
    this.revision = configuration.latestRevision;
  }
}
