// A virtual user of k6 as a thread of Node: runs the script of the cluster with modules that stand in for k6's. They wait where k6's
// wait, so a call hands its request to the main thread and sleeps until the answer is there. What k6 does not know is refused.

import { randomBytes } from 'node:crypto';
import { registerHooks } from 'node:module';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';

/** What a thread is made of. */
export interface UserData {
  /** Url of the bundle. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly calls: MessagePort;
  /** One number, which the main thread changes once the answer to a call is there. */
  readonly answered: SharedArrayBuffer;
  /** A second of k6 in seconds. */
  readonly pace: number;
}

/** Main thread to user: run one function of the script. */
export interface Task {
  readonly run: 'options' | 'setup' | 'default' | 'teardown';
  readonly data?: unknown;
  readonly idInTest: number;
  readonly iterationInTest: number;
}

/** User to main thread: send a request. */
export interface K6Call {
  readonly method: string;
  readonly url: string;
  readonly body: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly expected: readonly number[];
}

export type K6Answer = { readonly status: number; readonly body: string };
export type Finished =
  | { readonly result: unknown; readonly added: readonly Added[] }
  | { readonly failure: string };
/** A sample of a metric of the script's own. */
export interface Added {
  readonly metric: string;
  readonly value: number | boolean;
}

const { script, env, calls, answered, pace } = workerData as UserData;
const signal = new Int32Array(answered);
const nap = new Int32Array(new SharedArrayBuffer(4));
const added: Added[] = [];
const execution = { vu: { idInTest: 0 }, scenario: { iterationInTest: 0 } };

function sleep(seconds: number): void {
  if (typeof seconds !== 'number' || !(seconds >= 0)) throw new TypeError(`sleep(${seconds})`);
  Atomics.wait(nap, 0, 0, seconds * 1_000 * pace);
}

const PARAMS = new Set(['headers', 'tags', 'redirects', 'timeout', 'responseCallback']);

function request(method: string, url: string, body: unknown, params: Record<string, unknown>): K6Answer {
  const unknown = Object.keys(params).filter((name) => !PARAMS.has(name));
  if (unknown.length > 0) throw new TypeError(`k6 has no such parameters: ${unknown.join(', ')}`);
  if (body !== null && typeof body !== 'string') throw new TypeError('a body is a text or null');
  const call: K6Call = {
    method,
    url,
    body,
    headers: textsOf(params.headers),
    tags: textsOf(params.tags),
    expected: (params.responseCallback as { statuses: number[] }).statuses,
  };
  Atomics.store(signal, 0, 0);
  calls.postMessage(call);
  Atomics.wait(signal, 0, 0);
  const received = receiveMessageOnPort(calls);
  if (!received) throw new Error('the main thread has no answer');
  return received.message as K6Answer;
}

function textsOf(values: unknown): Record<string, string> {
  for (const value of Object.values(values ?? {}))
    if (typeof value !== 'string') throw new TypeError('headers and tags are texts');
  return { ...(values as Record<string, string>) };
}

class Metric {
  private readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  add(value: number | boolean): void {
    added.push({ metric: this.name, value });
  }
}

/** What each of k6's modules has; all else the script would find undefined. */
const MODULES = new Map<string, Readonly<Record<string, unknown>>>([
  ['k6', { sleep }],
  ['k6/crypto', { randomBytes: (size: number) => new Uint8Array(randomBytes(size)).buffer }],
  ['k6/execution', { default: execution }],
  ['k6/http', { default: { request, expectedStatuses: (...statuses: number[]) => ({ statuses }) } }],
  ['k6/metrics', { Rate: Metric, Trend: Metric }],
]);
Object.assign(globalThis, { __ENV: env, k6Modules: MODULES });

registerHooks({
  resolve: (specifier, context, next) => {
    const own = MODULES.get(specifier);
    if (!own) return next(specifier, context);
    const lines = Object.keys(own).map((name) => {
      const value = `k6Modules.get(${JSON.stringify(specifier)})[${JSON.stringify(name)}]`;
      return name === 'default' ? `export default ${value};` : `export const ${name} = ${value};`;
    });
    const url = `data:text/javascript,${encodeURIComponent(lines.join('\n'))}`;
    return { url, format: 'module', shortCircuit: true };
  },
});

const exports = (await import(script)) as Readonly<Record<Task['run'], unknown>>;

parentPort!.on('message', ({ run, data, idInTest, iterationInTest }: Task) => {
  execution.vu.idInTest = idInTest;
  execution.scenario.iterationInTest = iterationInTest;
  try {
    const own = exports[run];
    const result = typeof own === 'function' ? (own as (data: unknown) => unknown)(data) : own;
    parentPort!.postMessage({ result, added: added.splice(0) } satisfies Finished);
  } catch (error) {
    parentPort!.postMessage({ failure: String((error as Error).stack) } satisfies Finished);
  }
});
