// What the launcher and the warden say to each other, over the IPC channel of a child process.

/** One server or process to run. */
export interface Command {
  /** Unique among the parts of one platform. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Stdout and stderr are appended here. */
  readonly logFile: string;
  /** What makes it end in good order. @default SIGTERM */
  readonly stopSignal?: NodeJS.Signals;
  /** How long it may take to end before it is killed. */
  readonly stopMsMax: number;
  /** Started again, with growing pauses, when it ends by itself. */
  readonly isRestarted: boolean;
  /** To run as another user, when the launcher is root. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Requests of the launcher; each is answered by a `Reply` with its id. */
export type Request =
  | { readonly id: number; readonly type: 'start'; readonly command: Command }
  | { readonly id: number; readonly type: 'stop'; readonly name: string }
  | { readonly id: number; readonly type: 'signal'; readonly name: string; readonly signal: NodeJS.Signals }
  | { readonly id: number; readonly type: 'kill-all' };

export type Reply =
  | { readonly id: number; readonly ok: true; readonly pid?: number }
  | { readonly id: number; readonly ok: false; readonly message: string };

/** Told without being asked: a part ended by itself. */
export interface Ended {
  readonly type: 'ended';
  readonly name: string;
  readonly code: number | string;
  readonly isRestarted: boolean;
}
