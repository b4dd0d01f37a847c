// What every embedded server of the local platform looks like to the launcher and to the tests.

/** A server that answers. */
export interface RunningServer {
  /** For people: `Kafka`, `Postgres`, … */
  readonly name: string;
  /** For people: `127.0.0.1:19092`. */
  readonly address: string;
  /** The variables by which the processes find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Process ids of what was started; empty where the environment names a server, or it runs in this process. */
  readonly pids: readonly number[];
  /** Resolves with how its process ended, for any reason; absent where it has no separate process. */
  readonly ended?: Promise<string>;
  stop(): Promise<void>;
}

/** Where a server keeps its data and logs, and where it listens. */
export interface ServerOptions {
  /** A folder that no other server uses; made if missing. */
  readonly dataDir: string;
  /** The file that takes what the server prints, or `STANDARD_OUTPUT`. */
  readonly logFile: string;
  readonly port: number;
  /** Where it listens; only a container's own network may be another than this machine's. @default 127.0.0.1 */
  readonly host?: string;
  /** Tests give up durability for speed. @default true */
  readonly isDurable?: boolean;
}

/** Called with short lines while a slow step runs; a passing one is worth nothing once the next has come. */
export type Progress = (line: string, kind?: 'passing') => void;
