// A server for one spec, which may kill, freeze and restart it. The servers that specs share must not be.
import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startKafka } from '../../local/kafka/kafka.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { startCloudSqlPostgres, startPostgres } from '../../local/postgres/postgres.ts';
import type { RunningServer, ServerOptions } from '../../local/server/server.ts';
import { makeServerFolder } from '../platform/server-folder.ts';
import { Rig } from './rig.ts';

const STARTS = {
  KAFKA_BROKERS: startKafka,
  DATABASE_URL: startPostgres,
  CLOUD_SQL_DATABASE_URL: startCloudSqlPostgres,
};

export class OwnServer {
  private readonly variable: keyof typeof STARTS;
  private readonly options: ServerOptions;
  private server: RunningServer;

  private constructor(variable: keyof typeof STARTS, options: ServerOptions, server: RunningServer) {
    this.variable = variable;
    this.options = options;
    this.server = server;
  }

  /** Starts a server of the kind that this variable names. */
  static async start(variable: keyof typeof STARTS): Promise<OwnServer> {
    const dataDir = await makeServerFolder('own-server-');
    const options = { dataDir, logFile: join(dataDir, 'server.log'), port: await freePort() };
    return new OwnServer(
      variable,
      options,
      await withVariable(variable, undefined, () => STARTS[variable](options)),
    );
  }

  /** The variables by which processes find it. */
  get env(): Readonly<Record<string, string>> {
    return this.server.env;
  }

  /** Opens a rig on this server, and on the shared ones for everything else. */
  openRig(settings: Record<string, string> = {}): Promise<Rig> {
    return this.within(() => Rig.open(settings));
  }

  /** Runs work that finds this server in the environment. */
  within<Result>(work: () => Promise<Result>): Promise<Result> {
    return withVariable(this.variable, this.server.env[this.variable], work);
  }

  /** Ends it by a signal and waits for its end. */
  async end(signal: NodeJS.Signals): Promise<void> {
    process.kill(this.server.pids[0]!, signal);
    await this.server.ended;
  }

  /** Starts it again on its port and data. */
  async startAgain(): Promise<void> {
    this.server = await withVariable(this.variable, undefined, () => STARTS[this.variable](this.options));
  }

  /** Stops the process and its children by SIGSTOP; their connections stay open. */
  freeze(): void {
    const parent = this.server.pids[0]!;
    // The parent first, so that it starts no child after the list was made, and the id of a child that ends is not used again.
    process.kill(parent, 'SIGSTOP');
    for (const pid of childrenOf(parent)) process.kill(pid, 'SIGSTOP');
  }

  /** Lets them run again. */
  thaw(): void {
    const parent = this.server.pids[0]!;
    const children = childrenOf(parent);
    // The parent last, for the same reason. Once it runs (it may never have been frozen), children end as they like.
    for (const pid of children) signalIfThere(pid, 'SIGCONT');
    process.kill(parent, 'SIGCONT');
  }

  async remove(): Promise<void> {
    await this.server.stop();
    await rm(this.options.dataDir, { recursive: true, force: true });
  }
}

/** The start functions and the rig read the environment: sets a variable for the time of one call. */
async function withVariable<Result>(
  name: string,
  value: string | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const before = process.env[name];
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

function childrenOf(parent: number): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'ppid=,pid='], { encoding: 'utf8' });
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return rows.flatMap(([ppid, pid]) => (ppid === parent && pid !== undefined ? [pid] : []));
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
