// A TCP relay to a real server whose answers can be held back: the server acts, and the client gets no answer.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A relay on a free port of this machine. */
export interface FlakyWire {
  readonly port: number;
  /** From now on answers are swallowed, and requests still delivered. */
  swallowAnswers(): void;
  /** New connections work again; earlier ones stay silent, as behind a firewall that dropped them. */
  answerNewConnections(): void;
  close(): Promise<void>;
}

export async function openFlakyWire(host: string, port: number): Promise<FlakyWire> {
  const sockets = new Set<Socket>();
  const silent = new WeakSet<Socket>();
  let isSwallowing = false;
  const server = createServer((client) => {
    const upstream = connect(port, host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (isSwallowing) silent.add(client);
      if (!silent.has(client)) client.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    swallowAnswers: () => {
      isSwallowing = true;
    },
    answerNewConnections: () => {
      isSwallowing = false;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
