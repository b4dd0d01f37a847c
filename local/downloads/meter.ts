// Bytes in, passing lines for people out: `Apache Kafka 4.1.2: 12 of 44 MB, 27 %`.
import type { Progress } from '../server/server.ts';
import type { OnBytes } from './download.ts';

const LINE_MS = 200;
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);

/** What to call with the bytes so far. */
export function createMeter(what: string, progress: Progress): OnBytes {
  let saidAt = 0;
  return (doneBytes, totalBytes) => {
    const now = performance.now();
    if (now - saidAt < LINE_MS && doneBytes !== totalBytes) return;
    saidAt = now;
    progress(`${what}: ${share(doneBytes, totalBytes)}`, 'passing');
  };
}

function share(doneBytes: number, totalBytes: number | undefined): string {
  if (!totalBytes) return `${megabytes(doneBytes)} MB`;
  const percent = Math.floor((doneBytes / totalBytes) * 100);
  return `${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB, ${percent} %`;
}
