import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { runModule } from '../../test/child-process.ts';
import type { FailureRecord } from './failure-record.ts';
import { type LambdaHost, type LambdaOptions, startLambdaHost } from './lambda.ts';

jest.setTimeout(30_000);

/** Notes each try, then does what the event says; the last deed counts for all further tries. */
const HANDLER = `
import { appendFileSync, readFileSync } from 'node:fs';
const note = (line) => appendFileSync(process.env.JOURNAL, JSON.stringify(line) + '\\n');
const lines = () => readFileSync(process.env.JOURNAL, 'utf8').trim().split('\\n').map((line) => JSON.parse(line));
export async function handler(event, context) {
  const tries = lines().filter(({ began }) => began === event.name).length;
  note({ began: event.name, pid: process.pid, requestId: context.awsRequestId });
  const deed = event.deeds[Math.min(tries, event.deeds.length - 1)];
  if (deed === 'fail') throw new TypeError('no such colour');
  if (deed === 'exit') process.exit(3);
  if (deed === 'abort') process.abort();
  if (deed === 'spin') for (;;);
  if (deed === 'wait') await new Promise((resolve) => setTimeout(resolve, 60_000));
  if (deed === 'nap') await new Promise((resolve) => setTimeout(resolve, 100));
  note({ done: event.name });
}
`;

let folder: string;
let journal: string;
let host: LambdaHost | undefined;
let deadLetters: FailureRecord[];
let deadLetter: (record: FailureRecord) => Promise<void>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lambda-'));
  journal = join(folder, 'journal');
  await writeFile(journal, '{}\n');
  await writeFile(join(folder, 'handler.mjs'), HANDLER);
  deadLetters = [];
  deadLetter = async (record) => void deadLetters.push(record);
});
afterEach(async () => {
  await host?.stop();
  host = undefined;
  await rm(folder, { recursive: true, force: true });
});

const options = (): LambdaOptions => ({
  handlerFile: join(folder, 'handler.mjs'),
  env: { JOURNAL: journal },
  dataDir: join(folder, 'data'),
  logFile: join(folder, 'lambda.log'),
  retryDelaysMs: [1, 1],
  deadLetter: (record) => deadLetter(record),
});
async function start(change: Partial<LambdaOptions> = {}): Promise<LambdaHost> {
  host = await startLambdaHost({ ...options(), ...change });
  return host;
}
const event = (name: string, ...deeds: string[]) => ({ name, deeds });

interface Line {
  readonly began?: string;
  readonly done?: string;
  readonly pid?: number;
  readonly requestId?: string;
}
const lines = async (): Promise<Line[]> =>
  (await readFile(journal, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const done = async () => (await lines()).flatMap((line) => line.done ?? []);
const triesOf = async (name: string) => (await lines()).filter(({ began }) => began === name);
const pendingFiles = () => readdir(join(folder, 'data/pending'));

async function until(check: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await check())) await sleep(10);
}
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('an event', () => {
  it('is tried until it succeeds, always under the same request id', async () => {
    const lambda = await start();
    await lambda.enqueue(event('a', 'fail', 'fail', 'succeed'));
    await lambda.idle();
    const tries = await triesOf('a');
    expect(tries).toHaveLength(3);
    expect(new Set(tries.map(({ requestId }) => requestId)).size).toBe(1);
    expect(await done()).toEqual(['a']);
    expect(deadLetters).toEqual([]);
    expect(await pendingFiles()).toEqual([]);
  });

  it('that fails three times becomes a dead letter in the shape of AWS', async () => {
    const lambda = await start();
    await lambda.enqueue(event('a', 'fail'));
    await lambda.idle();
    expect(deadLetters).toEqual([
      {
        version: '1.0',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        requestContext: {
          requestId: (await triesOf('a'))[0]?.requestId,
          functionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:image-renditions:$LATEST',
          condition: 'RetriesExhausted',
          approximateInvokeCount: 3,
        },
        requestPayload: event('a', 'fail'),
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: {
          errorType: 'TypeError',
          errorMessage: 'no such colour',
          trace: expect.arrayContaining(['TypeError: no such colour']),
        },
      },
    ]);
    expect(await pendingFiles()).toEqual([]);
  });

  it.each([
    ['exit', 'Runtime.ExitError', 'exit status 3'],
    ['abort', 'Runtime.ExitError', 'signal: SIGABRT'],
    ['spin', 'Sandbox.Timedout', 'Task timed out after 3.00 seconds'],
  ])(
    'that makes the function %s fails alone: the next one gets a new process',
    async (deed, type, message) => {
      const lambda = await start({ concurrency: 1, timeoutMs: 3_000, retryDelaysMs: [] });
      await lambda.enqueue(event('bad', deed));
      await lambda.enqueue(event('good', 'succeed'));
      await lambda.idle();
      expect(await done()).toEqual(['good']);
      expect(await triesOf('good')).not.toEqual([
        expect.objectContaining({ pid: (await triesOf('bad'))[0]?.pid }),
      ]);
      expect(deadLetters.map(({ responsePayload }) => responsePayload)).toEqual([
        { errorType: type, errorMessage: expect.stringContaining(message) },
      ]);
    },
  );

  it('of a function that does not load says why', async () => {
    await writeFile(join(folder, 'handler.mjs'), `throw new RangeError('KAFKA_BROKERS is not set');`);
    const lambda = await start();
    await lambda.enqueue(event('a', 'succeed'));
    await lambda.idle();
    expect(deadLetters[0]?.responsePayload).toMatchObject({
      errorType: 'RangeError',
      errorMessage: 'KAFKA_BROKERS is not set',
    });
  });

  it('stays on disk until the dead letters have it', async () => {
    let isReachable = false;
    deadLetter = async (record) => {
      if (!isReachable) throw new Error('queue is away');
      deadLetters.push(record);
    };
    const lambda = await start();
    await lambda.enqueue(event('a', 'fail'));
    await until(async () => (await readFile(options().logFile, 'utf8')).includes('queue is away'));
    expect(await pendingFiles()).toHaveLength(1);
    isReachable = true;
    await lambda.idle();
    expect(deadLetters).toHaveLength(1);
    expect(await pendingFiles()).toEqual([]);
  });
});

describe('the function', () => {
  it('stays warm, one event at a time in each of its processes', async () => {
    const lambda = await start({ concurrency: 2 });
    for (let count = 0; count < 12; count += 1) await lambda.enqueue(event(`e${count}`, 'nap'));
    await lambda.idle();
    const all = await lines();
    expect(new Set(all.flatMap(({ pid }) => pid ?? [])).size).toBe(2);
    let running = 0;
    const overlaps = all.map((line) => (running += line.began ? 1 : line.done ? -1 : 0));
    expect(Math.max(...overlaps)).toBe(2);
    expect((await done()).toSorted()).toHaveLength(12);
  });

  it('has no environment but its own', async () => {
    process.env.NOT_FOR_LAMBDA = 'secret';
    const handler = `
      import { writeFileSync } from 'node:fs';
      export const handler = async () => writeFileSync(process.env.JOURNAL, JSON.stringify(Object.keys(process.env)));`;
    await writeFile(join(folder, 'handler.mjs'), handler);
    const lambda = await start();
    await lambda.enqueue({});
    await lambda.idle();
    delete process.env.NOT_FOR_LAMBDA;
    const names = JSON.parse(await readFile(journal, 'utf8')) as string[];
    expect(names).toEqual(
      expect.arrayContaining(['JOURNAL', 'LAMBDA_TASK_ROOT', 'AWS_LAMBDA_FUNCTION_NAME']),
    );
    expect(names).not.toContain('NOT_FOR_LAMBDA');
  });
});

describe('a restart', () => {
  it('delivers what the stop has interrupted, and does not count it as a failed try', async () => {
    const first = await start({ concurrency: 1, retryDelaysMs: [], drainMsMax: 50 });
    await first.enqueue(event('interrupted', 'wait', 'succeed'));
    await first.enqueue(event('waiting', 'succeed'));
    await until(async () => (await triesOf('interrupted')).length === 1);
    await first.stop();
    expect(first.pids()).toEqual([]);
    expect(await pendingFiles()).toHaveLength(2);
    const second = await start();
    await second.idle();
    expect((await done()).toSorted()).toEqual(['interrupted', 'waiting']);
    expect(deadLetters).toEqual([]);
  });

  it('after a kill delivers again, and no function process is left of the killed host', async () => {
    const killed = runModule(`
      const { startLambdaHost } = await import('./local/lambda/lambda.ts');
      const host = await startLambdaHost({ ...${JSON.stringify(options())}, deadLetter: async () => {} });
      await host.enqueue(${JSON.stringify(event('a', 'wait', 'succeed'))});
      console.log('taken');
    `);
    await killed.waitFor('taken');
    await until(async () => (await triesOf('a')).length === 1);
    killed.child.kill('SIGKILL');
    expect(await killed.ended).toBe('SIGKILL');
    const { pid = 0 } = (await triesOf('a'))[0] ?? {};
    await until(() => !isAlive(pid));
    const lambda = await start();
    await lambda.idle();
    expect(await done()).toEqual(['a']);
  });

  it('remembers how often an event has failed', async () => {
    const first = await start({ retryDelaysMs: [1, 60_000] });
    await first.enqueue(event('a', 'fail'));
    await until(async () => (await triesOf('a')).length === 2);
    await until(async () => (await readFile(options().logFile, 'utf8')).includes('"failures":2'));
    await first.stop();
    const second = await start();
    await second.idle();
    expect(await triesOf('a')).toHaveLength(3);
    expect(deadLetters).toHaveLength(1);
  });

  it('sets aside a file that holds no event', async () => {
    await (await start()).stop();
    await appendFile(join(folder, 'data/pending/torn.json'), '{"id":');
    const lambda = await start();
    await lambda.enqueue(event('a', 'succeed'));
    await lambda.idle();
    expect(await done()).toEqual(['a']);
    expect(await pendingFiles()).toEqual(['torn.json.unreadable']);
  });
});
