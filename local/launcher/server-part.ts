// A server as a part of the platform: nothing works without it, so its end ends the platform, unless it is away on purpose for a while.
import { join } from 'node:path';
import { AppError, messageOf } from '#runtime/errors.ts';
import type { Progress, RunningServer, ServerOptions } from '../server/server.ts';
import type { PlatformOptions } from './platform-options.ts';
import type { OnStop } from './shutdown.ts';

export interface ServerPart {
  /** As it was first started; later starts have the same address. */
  readonly server: RunningServer;
  /**
   * Stops it, and starts it again on the same data once the work is over, however that ends.
   * @throws AppError `server-elsewhere` for one that this launcher has not started
   */
  awayWhile(work: () => Promise<void>): Promise<void>;
}

export type StartServer = (options: ServerOptions, progress: Progress) => Promise<RunningServer>;

/** How the servers of a platform are started. */
export function serverStarter({ folder, screen, shutdown }: PlatformOptions, onStop: OnStop) {
  return async (name: string, port: number, start: StartServer): Promise<ServerPart> => {
    const since = performance.now();
    const settings = {
      dataDir: join(folder, 'data', name),
      logFile: join(folder, 'logs', `${name}.log`),
      port,
    };
    const startOnce = () => start(settings, (line, kind) => screen.step(name, line, kind));
    let isAway = false;
    const endPlatform = (how: string): void => {
      const why = `\n${server.name} ${how}: nothing works without it. Its log: ${settings.logFile}`;
      if (!isAway) void shutdown.exit(1, why);
    };
    const server = await startOnce();
    let present = server;
    onStop(server.name, () => present.stop());
    screen.part(server.name, server.address, since);
    void server.ended?.then(endPlatform);
    const comeBack = async (): Promise<void> => {
      if (shutdown.isStopping()) return;
      try {
        present = await startOnce();
      } catch (error) {
        isAway = false;
        if (!shutdown.isStopping()) endPlatform(`did not come back: ${messageOf(error)}`);
        throw error;
      }
      isAway = false;
      void present.ended?.then(endPlatform);
    };
    const awayWhile = async (work: () => Promise<void>): Promise<void> => {
      if (server.pids.length === 0)
        throw new AppError(
          'server-elsewhere',
          `${server.name} was not started here, so it is not stopped here`,
        );
      isAway = true;
      try {
        await present.stop();
        await work();
      } finally {
        await comeBack();
      }
    };
    return { server, awayWhile };
  };
}
