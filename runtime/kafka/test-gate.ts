// A Kafka client whose way to the real broker can be shut, or made deaf: for rules about outages and lost answers.
import { connect, Socket } from 'node:net';
import kafkajs, { type KafkaConfig } from 'kafkajs';
import { loadConfig } from '../config.ts';
import { type KafkaClient, kafkaConfig } from './client.ts';

const { Kafka, logLevel } = kafkajs;

/** The client and its gate. */
export interface KafkaGate {
  readonly client: KafkaClient;
  /** Cuts all connections and refuses new ones. */
  shut(): void;
  /** From now on requests are delivered, and their answers never read. */
  deafen(): void;
  /** From now on a request of this kind (its "API key") ends the connection in place of being sent. */
  cutAt(apiKey: number): void;
  /** New connections work again; those that were deaf stay so, as behind a firewall that dropped them. */
  open(): void;
}

/**
 * A gate before the broker of `KAFKA_BROKERS`.
 * @param nameOf how the client of the spec names its topics
 * @param waits shorter than usual, or a rule about a lost answer takes half a minute
 */
export function kafkaGate(
  nameOf: KafkaClient['nameOf'],
  waits: Pick<KafkaConfig, 'requestTimeout' | 'retry'>,
): KafkaGate {
  const sockets = new Set<Socket>();
  let state: 'open' | 'shut' | 'deaf' = 'open';
  let cutKey: number | undefined;
  const kafka = new Kafka({
    ...waits,
    clientId: 'gate',
    brokers: loadConfig(kafkaConfig).KAFKA_BROKERS,
    logLevel: logLevel.NOTHING,
    socketFactory: ({ host, port, onConnect }) => {
      const socket = state === 'shut' ? refusedSocket() : connect({ host, port }, onConnect);
      sockets.add(socket);
      cutBefore(socket, (apiKey) => apiKey === cutKey);
      socket.on('close', () => sockets.delete(socket));
      return socket;
    },
  });
  return {
    client: { kafka, nameOf },
    shut: () => {
      state = 'shut';
      for (const socket of sockets) socket.destroy(new Error('the gate is shut'));
    },
    deafen: () => {
      state = 'deaf';
      for (const socket of sockets) socket.pause();
    },
    cutAt: (apiKey) => {
      cutKey = apiKey;
    },
    open: () => {
      state = 'open';
      cutKey = undefined;
    },
  };
}

/** A request begins with its length; its API key follows. */
const LENGTH_BYTES = 4;

/** Ends it in place of such a request; kafkajs writes each at once. */
function cutBefore(socket: Socket, isCut: (apiKey: number) => boolean): void {
  const write = socket.write.bind(socket);
  socket.write = (request: Buffer, ...more: []) => {
    if (!isCut(request.readInt16BE(LENGTH_BYTES))) return write(request, ...more);
    socket.destroy(new Error('the gate was shut at this request'));
    return false;
  };
}

function refusedSocket(): Socket {
  const socket = new Socket();
  process.nextTick(() => socket.destroy(new Error('the gate is shut')));
  return socket;
}
