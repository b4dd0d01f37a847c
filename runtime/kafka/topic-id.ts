// The id of a topic: a topic that was deleted and made again has the same name and another id (KIP-516), and offsets of
// the old one mean nothing in the new one. kafkajs speaks Metadata up to version 6; ids came with version 10.
import { AppError } from '../errors.ts';
import type { KafkaClient } from './client.ts';
import { clusterFactoryOf, type ProtocolCall } from './cluster.ts';

const METADATA_KEY = 3;
const METADATA_VERSION = 12;
const NO_TAGS = 0;

/**
 * Asks the broker for a topic's id, as 32 hexadecimal digits.
 * @throws AppError `topic-unknown` when the cluster has no such topic.
 */
export async function fetchTopicId(client: KafkaClient, topic: string): Promise<string> {
  const name = client.nameOf(topic);
  const cluster = clusterFactoryOf(client.kafka).create({ allowAutoTopicCreation: false });
  await cluster.connect();
  try {
    await cluster.addTargetTopic(name);
    const broker = await cluster.findControllerBroker();
    return (await broker.connectionPool.send(topicIdCall(name))) as string;
  } finally {
    await cluster.disconnect();
  }
}

function topicIdCall(name: string): ProtocolCall {
  return {
    request: {
      apiKey: METADATA_KEY,
      apiVersion: METADATA_VERSION,
      apiName: 'Metadata',
      encode: async () => encodeRequest(name),
    },
    response: { decode: async (raw) => decodeTopicId(raw, name), parse: async (id) => id },
  };
}

/** Flexible versions: kafkajs writes the older header, so the header's empty tag section begins our payload. */
function encodeRequest(name: string): { buf: Buffer; buffer: Buffer } {
  const topic = Buffer.from(name);
  const nameHead = [...unsignedVarInt(topic.length + 1)];
  const buffer = Buffer.concat([
    Buffer.from([NO_TAGS]),
    Buffer.from([2]), // compact array of one topic
    Buffer.alloc(16), // looked up by name, so no id
    Buffer.from(nameHead),
    topic,
    Buffer.from([NO_TAGS]),
    Buffer.from([0, 0, NO_TAGS]), // create nothing, no authorized operations
  ]);
  return { buf: buffer, buffer };
}

function decodeTopicId(raw: Buffer, name: string): string {
  const reader = new CompactReader(raw);
  reader.skip(1 + 4); // header tags, throttle time
  for (let broker = reader.arrayLength(); broker > 0; broker -= 1) {
    reader.skip(4);
    reader.skipString();
    reader.skip(4);
    reader.skipString();
    reader.skip(1);
  }
  reader.skipString(); // cluster id
  reader.skip(4); // controller
  if (reader.arrayLength() < 1) throw new AppError('topic-unknown', `the cluster has no topic ${name}`);
  const errorCode = reader.int16();
  if (errorCode !== 0) throw new AppError('topic-unknown', `the cluster has no topic ${name}`, { errorCode });
  reader.skipString();
  return reader.hex(16);
}

class CompactReader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  skip(count: number): void {
    this.at += count;
  }

  int16(): number {
    this.at += 2;
    return this.bytes.readInt16BE(this.at - 2);
  }

  hex(count: number): string {
    this.at += count;
    return this.bytes.toString('hex', this.at - count, this.at);
  }

  /** Compact lengths are stored plus one; zero stands for null. */
  arrayLength(): number {
    return this.varInt() - 1;
  }

  skipString(): void {
    this.skip(Math.max(0, this.varInt() - 1));
  }

  private varInt(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
}

function* unsignedVarInt(value: number): Generator<number> {
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) yield (rest & 0x7f) | 0x80;
  yield rest;
}
