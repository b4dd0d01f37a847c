// How a server of ours runs in a container: settings from the environment, its log on its output, and beside its own port one for
// `/livez`, `/readyz` and `/metrics`, until it is stopped.
import { z } from 'zod';
import { loadConfig, wholeNumber } from '#runtime/config.ts';
import { createHttp } from '#runtime/http/server.ts';
import { createLifecycle, runMain } from '#runtime/lifecycle.ts';
import { createLogger, logConfig } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { STANDARD_OUTPUT } from './file-log.ts';
import type { RunningServer, ServerOptions } from './server.ts';

export const containerConfig = {
  ...logConfig,
  HOST: z.string().default('127.0.0.1').describe('address to listen on; 0.0.0.0 in a container'),
  PORT: wholeNumber(0, 65_535).describe('port to listen on'),
  OPS_PORT: wholeNumber(0, 65_535).describe('port of /livez, /readyz and /metrics'),
  DATA_FOLDER: z.string().min(1).describe('folder that keeps its data'),
};
export type ContainerConfig = z.infer<z.ZodObject<typeof containerConfig>>;

/** What a server is started from, as its settings say. */
export const serverOptions = ({ HOST, PORT, DATA_FOLDER }: ContainerConfig): ServerOptions => ({
  host: HOST,
  port: PORT,
  dataDir: DATA_FOLDER,
  logFile: STANDARD_OUTPUT,
});

/** Runs a server until SIGTERM. It is ready when it answers a request at its own port. */
export function runContainer<Shape extends typeof containerConfig>(
  name: string,
  shape: Shape,
  start: (config: z.infer<z.ZodObject<Shape>>) => Promise<Pick<RunningServer, 'env' | 'stop'>>,
  addressOf: (env: Readonly<Record<string, string>>) => string,
): void {
  runMain(async () => {
    const config = loadConfig<Shape>(shape);
    const { HOST: host, OPS_PORT: port, LOG_LEVEL } = config as unknown as ContainerConfig;
    const log = createLogger(name, LOG_LEVEL);
    const lifecycle = createLifecycle(log);
    const server = await start(config);
    lifecycle.onStop(name, () => server.stop());
    const address = addressOf(server.env);
    const answers = async (): Promise<boolean> => {
      const answer = await fetch(address, { signal: AbortSignal.timeout(2_000) });
      await answer.body?.cancel();
      return answer.status < 500;
    };
    const http = createHttp({
      log,
      registry: createRegistry(name),
      isStopping: lifecycle.isStopping,
      readiness: { [name]: answers },
    });
    lifecycle.onStop('operations', () => http.close());
    await http.listen({ host, port });
    log.info({ address }, 'ready');
  });
}
