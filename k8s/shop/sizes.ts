// What each process asks of its node, with the reason beside each number. They rest on runs that k8s/load/measured.json records and
// docs/scaling.md shows, with a heap bounded as here; a spec holds them to it (sizes.spec.ts).
import { analyticsWorker } from '#contracts/processes.ts';
import { userService } from '#contracts/shop-processes.ts';

export interface Size {
  readonly cpuRequest: string;
  readonly memoryRequest: string;
  /** Over this it is killed; there is no limit of CPU, which would only make it wait while the node is idle. */
  readonly memoryLimit: string;
  readonly ephemeralStorage: string;
}

/** Of a program of ours. */
export interface ProgramSize extends Size {
  /**
   * For `--max-old-space-size`, in MiB. It must be said: in a container of 256 to 512 MiB Node 24 takes a heap of 259 MiB for itself
   * (measured with `memory.limit_in_bytes`), so a service would rather be killed than collect its garbage.
   */
  readonly heapMiB: number;
}

/**
 * Of a service. Memory: 95 % of the samples were below 180 MiB under `load` and `stress`, and below 228 after an hour of loads, which was
 * before the space of new objects was bounded; 160 MiB of it are no heap, which with a full heap makes 290, and a fifth more is the limit. CPU: 95 % of the samples were below it under `load`.
 */
export const DEFAULT_SIZE: ProgramSize = {
  cpuRequest: '100m',
  memoryRequest: '240Mi',
  memoryLimit: '352Mi',
  ephemeralStorage: '64Mi',
  heapMiB: 128,
};

/** By process; others have the default. */
const SIZES: ReadonlyMap<string, ProgramSize> = new Map([
  [
    userService.name,
    {
      ...DEFAULT_SIZE,
      // While customers sign in a quarter of a core in the mean, and more than one for a moment.
      cpuRequest: '250m',
      // Two passwords are hashed at a time, 128 MiB each (PASSWORD_HASHES_MAX): 410 MiB at most, seen while customers signed in.
      memoryRequest: '416Mi',
      // 130 MiB that are no heap, a full heap, two hashes, and room for a tenth.
      memoryLimit: '576Mi',
    },
  ],
  [
    analyticsWorker.name,
    {
      ...DEFAULT_SIZE,
      memoryRequest: '272Mi',
      // It remembers the ids of millions of events: 496 MiB at most in bench:worker, with five million.
      memoryLimit: '640Mi',
      heapMiB: 384,
    },
  ],
]);

export const sizeOf = (process: string): ProgramSize => SIZES.get(process) ?? DEFAULT_SIZE;

/** What a process may count on, in cores: its request. */
export const cpuCoresOf = (process: string): number =>
  Number(sizeOf(process).cpuRequest.replace('m', '')) / 1_000;

/** Of `192Mi`. @throws TypeError for another unit */
export function mebibytesOf(quantity: string): number {
  const [, digits] = /^(\d+)Mi$/.exec(quantity) ?? [];
  if (!digits) throw new TypeError(`${quantity} is no number of Mi`);
  return Number(digits);
}

/**
 * Half of what new objects may take, in MiB. Node 24 lets it grow to 64, and once the two halves together are about as large as a small
 * old space, each collection becomes a full one: seen as 30 a second, a whole core, at a heap of 128 MiB (2026-11-28).
 */
const SEMI_SPACE_MIB = 16;

/** The environment that bounds a program's heap, with what our images set, which this variable covers. */
export const heapOptions = ({ heapMiB }: Pick<ProgramSize, 'heapMiB'>) => ({
  NODE_OPTIONS: `--enable-source-maps --max-old-space-size=${heapMiB} --max-semi-space-size=${SEMI_SPACE_MIB}`,
});
