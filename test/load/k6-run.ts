// The k6 script of the cluster, run in Node: what k6 would do with it, for a bounded number of iterations. k6 itself comes from no
// package registry.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { Options } from 'k6/options';
import type { Added, Finished, K6Answer, K6Call, Task, UserData } from './k6-user.ts';

export interface K6Run {
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly virtualUsers: number;
  readonly iterations: number;
  /** A second of k6 in seconds. @default 1 */
  readonly pace?: number;
}

/** A request of k6's, and whether it counts as failed. */
export interface K6Request extends K6Call {
  readonly phase: 'setup' | 'default' | 'teardown';
  readonly status: number;
  readonly isFailed: boolean;
}

export interface K6Outcome {
  readonly options: Options;
  readonly requests: readonly K6Request[];
  /** Of the script's own metrics. */
  readonly added: readonly Added[];
}

/** @throws what the script throws */
export async function runK6({ script, env, virtualUsers, iterations, pace = 1 }: K6Run): Promise<K6Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'k6-'));
  const file = join(folder, 'load.mjs');
  await writeFile(file, script);
  const requests: K6Request[] = [];
  const added: Added[] = [];
  const url = pathToFileURL(file).href;
  const users = Array.from({ length: virtualUsers }, () => new User(url, env, pace, requests));
  try {
    const [first] = users as [User];
    const run = async (user: User, task: Partial<Task> & Pick<Task, 'run'>): Promise<unknown> => {
      const finished = await user.run({ idInTest: 0, iterationInTest: 0, ...task });
      if ('failure' in finished) throw new Error(finished.failure);
      added.push(...finished.added);
      return finished.result;
    };
    const options = (await run(first, { run: 'options' })) as Options;
    // k6 hands on what setup returns as JSON.
    const data: unknown = JSON.parse(JSON.stringify(await run(first, { run: 'setup' })));
    let turn = 0;
    const lines = users.map(async (user, at) => {
      while (turn < iterations)
        await run(user, { run: 'default', data, idInTest: at + 1, iterationInTest: turn++ });
    });
    await Promise.all(lines);
    await run(first, { run: 'teardown', data });
    return { options, requests, added };
  } finally {
    await Promise.all(users.map((user) => user.end()));
    await rm(folder, { recursive: true, force: true });
  }
}

/** One thread. */
class User {
  private readonly worker: Worker;
  private phase: Task['run'] = 'options';

  constructor(script: string, env: K6Run['env'], pace: number, requests: K6Request[]) {
    const { port1: own, port2: calls } = new MessageChannel();
    const answered = new SharedArrayBuffer(4);
    const workerData: UserData = { script, env, calls, answered, pace };
    this.worker = new Worker(new URL('./k6-user.ts', import.meta.url), { workerData, transferList: [calls] });
    const signal = new Int32Array(answered);
    own.on('message', (call: K6Call) => {
      void send(call).then((answer) => {
        const isFailed = !call.expected.includes(answer.status);
        requests.push({ ...call, phase: this.phase as K6Request['phase'], status: answer.status, isFailed });
        own.postMessage(answer);
        Atomics.store(signal, 0, 1);
        Atomics.notify(signal, 0);
      });
    });
    own.unref();
  }

  run(task: Task): Promise<Finished> {
    this.phase = task.run;
    const { promise, resolve, reject } = Promise.withResolvers<Finished>();
    this.worker.once('error', reject);
    this.worker.once('message', (finished: Finished) => {
      this.worker.removeListener('error', reject);
      resolve(finished);
    });
    this.worker.postMessage(task);
    return promise;
  }

  end = (): Promise<unknown> => this.worker.terminate();
}

/** Status 0 when there is no answer, as k6 has it. */
function send({ method, url, body, headers }: K6Call): Promise<K6Answer> {
  const { promise, resolve } = Promise.withResolvers<K6Answer>();
  const sent = request(url, { method, headers }, (response) => {
    let text = '';
    response
      .setEncoding('utf8')
      .on('data', (part: string) => {
        text += part;
      })
      .on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
  });
  sent.on('error', () => resolve({ status: 0, body: '' }));
  if (body !== null) sent.setHeader('content-length', Buffer.byteLength(body));
  sent.end(body ?? undefined);
  return promise;
}
