// Ports of this machine: which are free, and which are in use.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { AppError } from '#runtime/errors.ts';

/** Below the range from which systems take the ports of outgoing connections (Linux 32768, others 49152): one found free here stays so. */
const FREE_PORT_MIN = 20_000;
const FREE_PORT_MAX = 32_000;
const ATTEMPTS = 200;

/** Whether a server could listen there now. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** A port on which nothing listens, and which no outgoing connection will get. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = FREE_PORT_MIN + Math.floor(Math.random() * (FREE_PORT_MAX - FREE_PORT_MIN));
    if (await isPortFree(port)) return port;
  }
  throw new AppError('no-free-port', `no free port between ${FREE_PORT_MIN} and ${FREE_PORT_MAX}`);
}

const CONNECT_MS_MAX = 3_000;

/** Whether something accepts connections at `host:port`. @throws what the connection says otherwise */
export async function connectTo(address: string): Promise<void> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const socket = connect({ host: hostname, port: Number(port), timeout: CONNECT_MS_MAX });
  socket.once('timeout', () => socket.destroy(new Error(`no answer from ${address}`)));
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
