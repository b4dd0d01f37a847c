// Ends a process whose spec never gives the thread back, say in an endless loop: no timer in that thread can do that.
// Jest then reports the file as failed, because its worker was killed.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { tellReporter } from './to-reporter.ts';

/** A spec file and how long it may hold the thread. */
interface Watched {
  readonly path: string;
  readonly blockedMsMax: number;
}

const TICK_MS = 500;

let thread: Worker | undefined;

/** Watches until the function returned is called. */
export function watch(spec: Watched): () => void {
  thread ??= startThread();
  thread.postMessage(spec);
  return () => thread?.postMessage(undefined);
}

function startThread(): Worker {
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  setInterval(() => Atomics.add(beats, 0, 1), TICK_MS).unref();
  const started = new Worker(new URL(import.meta.url), { workerData: beats, argv: process.argv.slice(1) });
  started.unref();
  return started;
}

/** Counts its own ticks between two beats, so that a laptop that slept is no spec that hung. */
function guard(beats: Int32Array): void {
  let watched: Watched | undefined;
  let [beat, ticks] = [0, 0];
  parentPort?.on('message', (spec: Watched | undefined) => {
    watched = spec;
    ticks = 0;
  });
  setInterval(() => {
    const now = Atomics.load(beats, 0);
    ticks = now === beat ? ticks + 1 : 0;
    beat = now;
    if (!watched || ticks * TICK_MS < watched.blockedMsMax) return;
    const text = `${watched.path} held its thread for ${watched.blockedMsMax} ms: its worker was ended`;
    tellReporter({ isFailure: false, text });
    process.kill(process.pid, 'SIGKILL');
  }, TICK_MS);
}

if (!isMainThread && workerData instanceof Int32Array) guard(workerData);
