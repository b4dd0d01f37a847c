// `npm run replay:lambda -- --function shop-dev-image-renditions`: calls that failed are made again.
import { parseArgs } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AppError } from '#runtime/errors.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { type DeadLetterQueue, replayCalls } from './dead-letter-replay.ts';

const HELP = `Makes the calls again that a Lambda function could not deal with, once the cause is put right.

  npm run replay:lambda -- --function <name> [--region <region>] [--list]

  --function  its full name, such as shop-dev-image-renditions
  --region    by default AWS_REGION
  --list      say which wait, with when and why, and change nothing
  --help      this text

Reads the queue <name>-dead-letters, calls the function once for each letter, without waiting for the answer, and takes the letter
out. A call that fails again is a new letter; letters that came after the start are left. Killed in between, the last call may be
made twice. Needs sqs:GetQueueUrl, ReceiveMessage, DeleteMessage and ChangeMessageVisibility, lambda:InvokeFunction, and kms:Decrypt on the
functions' key.`;

/** Longer than the whole page of letters takes. */
const HIDDEN_SECONDS = 120;
const PAGE = 10;

function queueOf(sqs: SQSClient, QueueUrl: string): DeadLetterQueue {
  return {
    async receive() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: PAGE,
          VisibilityTimeout: HIDDEN_SECONDS,
          // Asks all of SQS's servers: without waiting, some are left out.
          WaitTimeSeconds: 2,
          MessageSystemAttributeNames: ['SentTimestamp'],
        }),
      );
      return Messages.map(({ MessageId, ReceiptHandle, Body, Attributes }) => ({
        messageId: MessageId ?? '',
        handle: ReceiptHandle ?? '',
        body: Body ?? '',
        sentAtMs: Number(Attributes?.SentTimestamp),
      }));
    },
    async remove(ReceiptHandle) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    },
    async putBack(ReceiptHandle) {
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    },
  };
}

runMain(async () => {
  const { values } = parseArgs({
    options: {
      function: { type: 'string' },
      region: { type: 'string' },
      list: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  if (values.help) return say(HELP);
  const { function: functionName, list: isList = false } = values;
  const region = values.region ?? process.env.AWS_REGION;
  if (!functionName) throw new AppError('function-unknown', `--function: name one\n\n${HELP}`);
  if (!region) throw new AppError('region-unknown', `--region: name one, or set AWS_REGION\n\n${HELP}`);
  // By the region's own address, or the one that the environment names: a queue's URL has another address than a stand-in.
  const sqs = new SQSClient({ region, useQueueUrlAsEndpoint: false });
  const lambda = new LambdaClient({ region });
  const QueueName = `${functionName}-dead-letters`;
  const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName })).catch((error: unknown) => {
    if (!(error instanceof QueueDoesNotExist)) throw error;
    const question = `is ${functionName} the function's full name, and --region its region?`;
    throw new AppError('queue-missing', `There is no queue ${QueueName} in ${region}: ${question}`);
  });
  const counts = { listed: 0, replayed: 0, left: 0 };
  await replayCalls({
    queue: queueOf(sqs, QueueUrl),
    functionName,
    isList,
    startedAtMs: Date.now(),
    async call(payload) {
      const Payload = JSON.stringify(payload);
      await lambda.send(new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload }));
    },
    onLetter: (line, outcome) => {
      counts[outcome] += 1;
      say(`${outcome.padEnd(8)}  ${line}`);
    },
  });
  say(isList ? `${counts.listed} wait` : `${counts.replayed} replayed, ${counts.left} left`);
});
