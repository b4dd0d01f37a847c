// What is still held once everything that can go is gone.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Used heap after a full collection, in MiB. */
export function heapMiB(): number {
  collect();
  return process.memoryUsage().heapUsed / 1_048_576;
}
