// Settings, beside the addresses, of a single Kafka broker that is its own controller: on this machine and in a laptop's cluster.

const RECORD_BYTES_MAX = 16 * 1024 * 1024;

/** By the names of Kafka's own settings. */
export const ONE_BROKER: Readonly<Record<string, string>> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'auto.create.topics.enable': 'false',
  'group.initial.rebalance.delay.ms': '0',
  // A member may ask to be missed sooner than after the six seconds of the default: specs wait for it.
  'group.min.session.timeout.ms': '1000',
  // A broker that was killed is let in again only when its controller has given its last life up: by default after nine seconds.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
  // One node holds the only replica of everything.
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'share.coordinator.state.topic.num.partitions': '4',
  // A topic may set a larger max.message.bytes than the default up to this.
  'message.max.bytes': String(RECORD_BYTES_MAX),
  'replica.fetch.max.bytes': String(RECORD_BYTES_MAX),
  // Its default would take a quarter of the heap.
  'log.cleaner.dedupe.buffer.size': '16777216',
  'num.network.threads': '2',
  'num.io.threads': '4',
};

/** As `server.properties` has them. */
export const asProperties = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
