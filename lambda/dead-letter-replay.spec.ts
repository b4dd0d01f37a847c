// The tool as an operator runs it, against an SQS server and a Lambda of ours; then what only made-up moments show.
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildApp } from 'fauxqs';
import { type DeadLetterQueue, type Message, type Outcome, replayCalls } from './dead-letter-replay.ts';

const NAME = 'shop-dev-image-renditions';
const ARN = `arn:aws:lambda:eu-central-1:111122223333:function:${NAME}`;

/** As AWS shows it in "Capturing records of Lambda asynchronous invocations". */
const failure = (requestPayload: unknown, functionArn = `${ARN}:$LATEST`): string =>
  JSON.stringify({
    version: '1.0',
    timestamp: '2026-11-28T12:00:00.000Z',
    requestContext: { requestId: 'r', functionArn, condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    requestPayload,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorMessage: 'Kafka does not answer', errorType: 'AppError', trace: [] },
  });

describe('npm run replay:lambda', () => {
  const sqsServer = buildApp({ logger: false });
  let lambdaServer: Server;
  let calls: { path: string; kind: string; payload: unknown }[] = [];
  let isLambdaAway = false;
  let environment: Record<string, string>;
  let sqs: SQSClient;
  let queueUrl: string;

  beforeAll(async () => {
    lambdaServer = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const kind = String(request.headers['x-amz-invocation-type']);
        if (!isLambdaAway)
          calls.push({ path: request.url!, kind, payload: JSON.parse(Buffer.concat(chunks).toString()) });
        response.statusCode = isLambdaAway ? 400 : 202;
        response.end(isLambdaAway ? '{"message":"away"}' : '');
      });
    });
    await new Promise<void>((resolve) => lambdaServer.listen(0, '127.0.0.1', resolve));
    await sqsServer.listen({ port: 0, host: '127.0.0.1' });
    const addressOf = (server: Server): string =>
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    environment = {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'key',
      AWS_ENDPOINT_URL_SQS: addressOf(sqsServer.server),
      AWS_ENDPOINT_URL_LAMBDA: addressOf(lambdaServer),
    };
    sqs = new SQSClient({
      region: 'eu-central-1',
      endpoint: environment.AWS_ENDPOINT_URL_SQS!,
      useQueueUrlAsEndpoint: false,
      credentials: { accessKeyId: 'id', secretAccessKey: 'key' },
    });
    const made = await sqs.send(new CreateQueueCommand({ QueueName: `${NAME}-dead-letters` }));
    queueUrl = made.QueueUrl!;
  });
  afterAll(async () => {
    sqs?.destroy();
    await sqsServer.close();
    lambdaServer?.closeAllConnections();
    await new Promise((resolve) => lambdaServer.close(resolve));
  });
  beforeEach(() => {
    calls = [];
    isLambdaAway = false;
  });

  const bury = (body: string) => sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
  /** How many letters anybody can take out now. */
  async function waiting(): Promise<number> {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    return Number(Attributes?.ApproximateNumberOfMessages);
  }
  async function run(...args: string[]): Promise<{ code: number; said: string }> {
    const child = spawn(process.execPath, ['lambda/replay-dead-letters.cli.ts', ...args], {
      env: { ...environment, PATH: process.env.PATH },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += String(data)));
    const code = await new Promise<number>((resolve) => child.on('close', resolve));
    return { code, said };
  }

  it('names a queue that does not exist', async () => {
    expect(await run('--function', 'no-such', '--list')).toEqual({
      code: 1,
      said: "There is no queue no-such-dead-letters in eu-central-1: is no-such the function's full name, and --region its region?\n",
    });
  });

  it('lists what waits and why, changes nothing, and then makes each call once', async () => {
    for (const at of [1, 2]) await bury(failure({ Records: [{ at }] }));
    const listed = await run('--function', NAME, '--list');
    expect(listed).toEqual({ code: 0, said: expect.stringContaining('2 wait') });
    expect(listed.said).toContain('RetriesExhausted: AppError: Kafka does not answer');
    expect([await waiting(), calls]).toEqual([2, []]);
    expect((await run('--function', NAME)).said).toContain('2 replayed, 0 left');
    expect(calls.map(({ path, kind }) => [path, kind])).toEqual(
      Array.from({ length: 2 }, () => [`/2015-03-31/functions/${NAME}/invocations`, 'Event']),
    );
    expect(new Set(calls.map(({ payload }) => JSON.stringify(payload)))).toEqual(
      new Set(['{"Records":[{"at":1}]}', '{"Records":[{"at":2}]}']),
    );
    expect(await waiting()).toBe(0);
  }, 30_000);

  it('keeps the letter when Lambda does not take the call', async () => {
    await bury(failure({ Records: [] }));
    isLambdaAway = true;
    expect((await run('--function', NAME)).code).not.toBe(0);
    expect(await waiting()).toBe(1);
    isLambdaAway = false;
    expect((await run('--function', NAME)).said).toContain('1 replayed');
    expect(await waiting()).toBe(0);
  }, 30_000);

  it('says what is missing', async () => {
    const { code, said } = await run();
    expect([code, said]).toEqual([1, expect.stringContaining('--function: name one')]);
  }, 30_000);
});

describe('a replay', () => {
  const START_MS = 1_000;
  const message = (messageId: string, body: string, sentAtMs = 0): Message => ({
    messageId,
    handle: `handle of ${messageId}`,
    body,
    sentAtMs,
  });

  async function replay(messages: Message[], call = (_payload: unknown) => Promise.resolve()) {
    const inQueue = [...messages];
    const [putBack, outcomes]: [string[], Outcome[]] = [[], []];
    const queue: DeadLetterQueue = {
      receive: () => Promise.resolve(inQueue.slice(0, 10)),
      remove: (handle) => {
        inQueue.splice(
          inQueue.findIndex((one) => one.handle === handle),
          1,
        );
        return Promise.resolve();
      },
      putBack: (handle) => {
        putBack.push(handle);
        return Promise.resolve();
      },
    };
    const onLetter = (_line: string, outcome: Outcome) => void outcomes.push(outcome);
    const done = replayCalls({
      queue,
      functionName: NAME,
      call,
      isList: false,
      startedAtMs: START_MS,
      onLetter,
    });
    return { error: await done.catch((error: unknown) => error), inQueue, putBack, outcomes };
  }

  it('leaves what another function, or an unknown writer, has written', async () => {
    const strange = [
      message('other', failure({}, `${ARN}-2:$LATEST`)),
      message('text', 'no JSON'),
      message('array', '[]'),
    ];
    const { outcomes, inQueue, putBack } = await replay(strange);
    expect(outcomes).toEqual(['left', 'left', 'left']);
    expect([inQueue, putBack]).toEqual([strange, strange.map(({ handle }) => handle)]);
  });

  it('does not make a call again that has failed again since the start', async () => {
    const calls: unknown[] = [];
    const again = message('again', failure('same'), START_MS + 1);
    const { inQueue } = await replay([message('first', failure('same')), again], (payload) => {
      calls.push(payload);
      return Promise.resolve();
    });
    expect([calls, inQueue]).toEqual([['same'], [again]]);
  });

  it('goes through a queue of several pages', async () => {
    const many = Array.from({ length: 25 }, (_, at) => message(String(at), failure(at)));
    const { outcomes, inQueue } = await replay(many);
    expect([outcomes.length, inQueue]).toEqual([25, []]);
  });

  it('negative control: takes no letter out whose call was not taken', async () => {
    const letter = message('one', failure({}));
    const { error, inQueue, putBack } = await replay([letter], () => Promise.reject(new Error('away')));
    expect([error, inQueue, putBack]).toEqual([new Error('away'), [letter], [letter.handle]]);
  });
});
