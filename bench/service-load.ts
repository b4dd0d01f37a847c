// A worker thread that asks and measures, so that asking costs the servers of a bench none of their thread. One request
// at a time on each of a few kept-alive connections, for a fixed time. Our own loop on node:http: autocannon is not installed.
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parentPort, Worker } from 'node:worker_threads';

/** One way to ask, or several that take turns. */
export interface Load {
  readonly address: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  /** Take turns, as other callers would. */
  readonly tokens: readonly string[];
  /** Each goes with a fresh key. */
  readonly isKeyed: boolean;
  /** Beside those that follow from the others. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly durationMs: number;
}

export interface LoadResult {
  readonly count: number;
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly failedCount: number;
}

/** The other side: starts the thread. */
export function startAsking() {
  const worker = new Worker(fileURLToPath(import.meta.url));
  const measure = (load: Load): Promise<LoadResult> =>
    new Promise((done, fail) => {
      worker.once('message', ({ result, failure }: { result?: LoadResult; failure?: string }) => {
        if (!result) return fail(new Error(failure));
        if (result.failedCount > 0)
          return fail(new Error(`${load.path}: ${result.failedCount} were refused`));
        done(result);
      });
      worker.postMessage(load);
    });
  return { measure, stop: () => worker.terminate() };
}

async function run(load: Load): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const times: number[] = [];
  let [sentCount, failedCount] = [0, 0];
  const startedAt = performance.now();
  const endsAt = startedAt + load.durationMs;
  await Promise.all(
    Array.from({ length: load.connections }, async () => {
      while (performance.now() < endsAt) {
        const askedAt = performance.now();
        const status = await ask(load, agent, sentCount++);
        times.push(performance.now() - askedAt);
        if (status < 200 || status > 299) failedCount += 1;
      }
    }),
  );
  const elapsedS = (performance.now() - startedAt) / 1_000;
  agent.destroy();
  times.sort((a, b) => a - b);
  return {
    count: times.length,
    perSecond: times.length / elapsedS,
    p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
    failedCount,
  };
}

function ask(
  { address, method, path, body, tokens, isKeyed, headers: more }: Load,
  agent: Agent,
  turn: number,
): Promise<number> {
  const token = tokens[turn % tokens.length];
  const headers = {
    ...more,
    ...(token && { authorization: `Bearer ${token}` }),
    ...(isKeyed && { 'idempotency-key': crypto.randomUUID() }),
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }),
  };
  return new Promise((done, fail) => {
    const sent = request(address + path, { agent, method, headers }, (response) => {
      response
        .resume()
        .on('end', () => done(response.statusCode!))
        .on('error', fail);
    });
    sent.on('error', fail).end(body);
  });
}

parentPort?.on('message', (load: Load) => {
  run(load).then(
    (result) => parentPort!.postMessage({ result }),
    (error: Error) => parentPort!.postMessage({ failure: error.message }),
  );
});
