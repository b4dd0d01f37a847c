// A small server that serves given metrics as `/metrics` does, for what does not run on this machine.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MetricsServer {
  /** Host and port. */
  readonly address: string;
  stop(): Promise<void>;
}

/** @param render makes the text of /metrics */
export async function startMetricsServer(render: () => string): Promise<MetricsServer> {
  const server = createServer((_request, response) => {
    const metrics = render();
    // Prometheus 3 reads no answer without a content type. OpenMetrics has a last line.
    const isOpenMetrics = metrics.trimEnd().endsWith('# EOF');
    const type = isOpenMetrics ? 'application/openmetrics-text; version=1.0.0' : 'text/plain; version=0.0.4';
    response.setHeader('content-type', `${type}; charset=utf-8`).end(metrics);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
