// A server as a part of the platform: nothing works without it, so its end ends the platform, unless it is away on purpose for a while.
import { join } from 'node:path';
import { AppError, messageOf } from '#runtime/errors.ts';
import type { Progress, RunningServer, ServerOptions } from '../server/server.ts';
import type { PlatformOptions } from './platform-options.ts';
import type { OnStop, Shutdown } from './shutdown.ts';

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
    const part = new ServerPart(await startOnce(), startOnce, shutdown, settings.logFile);
    onStop(part.server.name, () => part.stop());
    screen.part(part.server.name, part.server.address, since);
    return part;
  };
}

export class ServerPart {
  /** As it was first started; later starts have the same address. */
  readonly server: RunningServer;
  private present: RunningServer;
  private readonly start: () => Promise<RunningServer>;
  private readonly shutdown: Shutdown;
  private readonly logFile: string;
  private isAway = false;

  constructor(
    server: RunningServer,
    start: () => Promise<RunningServer>,
    shutdown: Shutdown,
    logFile: string,
  ) {
    this.server = server;
    this.present = server;
    this.start = start;
    this.shutdown = shutdown;
    this.logFile = logFile;
    this.watch();
  }

  stop(): Promise<void> {
    return this.present.stop();
  }

  /**
   * Stops it, and starts it again on the same data once the work is over, however that ends.
   * @throws AppError `server-elsewhere` for one that this launcher has not started
   */
  async awayWhile(work: () => Promise<void>): Promise<void> {
    const { name, pids } = this.server;
    if (pids.length === 0)
      throw new AppError('server-elsewhere', `${name} was not started here, so it is not stopped here`);
    this.isAway = true;
    try {
      await this.stop();
      await work();
    } finally {
      await this.comeBack();
    }
  }

  private async comeBack(): Promise<void> {
    if (this.shutdown.isStopping()) return;
    try {
      this.present = await this.start();
    } catch (error) {
      if (!this.shutdown.isStopping()) this.endPlatform(`did not come back: ${messageOf(error)}`);
      throw error;
    }
    this.isAway = false;
    this.watch();
  }

  private watch(): void {
    void this.present.ended?.then((how) => {
      if (!this.isAway) this.endPlatform(how);
    });
  }

  private endPlatform(how: string): void {
    const why = `\n${this.server.name} ${how}: nothing works without it. Its log: ${this.logFile}`;
    void this.shutdown.exit(1, why);
  }
}
