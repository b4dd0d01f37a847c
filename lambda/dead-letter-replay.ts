// Calls that a Lambda function could not deal with in, the same calls again out. A letter leaves its queue only after Lambda has taken
// the call: killed in between, the call comes twice, and a function of ours does the same thing twice with the same result.
// Source: AWS, "Capturing records of Lambda asynchronous invocations".
import { z } from 'zod';

/** What Lambda writes to the destination for failures; the rest of it is for people. */
const failureRecord = z.object({
  timestamp: z.string(),
  requestContext: z.object({ functionArn: z.string(), condition: z.string() }),
  requestPayload: z.unknown(),
  responsePayload: z.object({ errorType: z.string(), errorMessage: z.string() }).partial().nullish(),
});

/** A message as SQS hands it out. */
export interface Message {
  readonly messageId: string;
  /** For this hand-out of it. */
  readonly handle: string;
  readonly sentAtMs: number;
  readonly body: string;
}

export interface DeadLetterQueue {
  /** A few, hidden from others for a while; none when the queue shows no more. */
  receive(): Promise<readonly Message[]>;
  /** For good. */
  remove(handle: string): Promise<void>;
  /** Shows the message to everybody again, now. */
  putBack(handle: string): Promise<void>;
}

export interface Replay {
  readonly queue: DeadLetterQueue;
  /** End of the function's ARN, without version. */
  readonly functionName: string;
  /** Resolves once Lambda has the call; whether it ends well is known later, from the same queue. */
  readonly call: (payload: unknown) => Promise<void>;
  /** Only looks. */
  readonly isList: boolean;
  /** What was sent later is left: a call that fails again must not go round in circles. */
  readonly startedAtMs: number;
  readonly onLetter: (line: string, outcome: Outcome) => void;
}

export type Outcome = 'listed' | 'replayed' | 'left';

const ERROR_CHARS_MAX = 200;

/** @throws what `call` threw; the letter is then in the queue as before */
export async function replayCalls(replay: Replay): Promise<void> {
  const { queue, startedAtMs } = replay;
  const seen = new Map<string, string>();
  try {
    for (;;) {
      const messages = await queue.receive();
      const fresh = messages.filter(({ messageId }) => !seen.has(messageId));
      // SQS may show a message before its time, and shows none now and then: a second look costs little, and is the operator's.
      if (fresh.length === 0) return;
      for (const message of fresh) {
        seen.set(message.messageId, message.handle);
        if (message.sentAtMs < startedAtMs && (await handled(message, replay)))
          seen.set(message.messageId, '');
      }
    }
  } finally {
    for (const handle of seen.values()) if (handle) await queue.putBack(handle);
  }
}

/** True when the message is out of the queue. */
async function handled({ body, handle }: Message, replay: Replay): Promise<boolean> {
  const { queue, functionName, call, isList, onLetter } = replay;
  const record = recordOf(body);
  if (!record) {
    onLetter('a message that Lambda did not write', 'left');
    return false;
  }
  const { requestContext, requestPayload, responsePayload, timestamp } = record;
  const why = [requestContext.condition, responsePayload?.errorType, responsePayload?.errorMessage];
  const line = `${timestamp}  ${why.filter(Boolean).join(': ').slice(0, ERROR_CHARS_MAX)}`;
  if (nameOf(requestContext.functionArn) !== functionName) {
    onLetter(`${line}  (of ${requestContext.functionArn})`, 'left');
    return false;
  }
  if (isList) {
    onLetter(line, 'listed');
    return false;
  }
  await call(requestPayload);
  await queue.remove(handle);
  onLetter(line, 'replayed');
  return true;
}

function recordOf(body: string): z.infer<typeof failureRecord> | undefined {
  try {
    return failureRecord.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

/** `arn:aws:lambda:<region>:<account>:function:<name>[:<version>]`. */
const nameOf = (arn: string): string => arn.split(':')[6] ?? '';
