// A Service of Kubernetes as kube-proxy makes it: each new connection goes to one of the pods that it knows, in turn, and stays there
// however long it lasts, also after that pod was taken out. Nothing is tried twice: a connection to a pod that is gone fails.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Balancer {
  readonly address: string;
  private readonly server: Server;
  private readonly sockets: Set<Socket>;
  private readonly ports: number[];

  private constructor(server: Server, sockets: Set<Socket>, ports: number[]) {
    this.server = server;
    this.sockets = sockets;
    this.ports = ports;
    this.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async open(): Promise<Balancer> {
    const sockets = new Set<Socket>();
    const ports: number[] = [];
    let turn = 0;
    const server = createServer((client) => {
      const port = ports[turn++ % ports.length];
      if (port === undefined) return void client.destroy();
      // A Service leaves the caller's address as it is: limits for one caller are about that.
      join(client, connect({ host: '127.0.0.1', port, localAddress: client.remoteAddress! }), sockets);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Balancer(server, sockets, ports);
  }

  add(port: number): void {
    this.ports.push(port);
  }

  remove(port: number): void {
    const at = this.ports.indexOf(port);
    if (at >= 0) this.ports.splice(at, 1);
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

/** Passes everything from one side to the other, also its end and its failure. */
function join(client: Socket, pod: Socket, sockets: Set<Socket>): void {
  for (const [one, other] of [
    [client, pod],
    [pod, client],
  ] as const) {
    sockets.add(one);
    one.setNoDelay(true);
    one.pipe(other);
    one.on('error', () => other.resetAndDestroy());
    one.on('close', () => {
      sockets.delete(one);
      other.destroySoon();
    });
  }
}
