// A journey in, its result out: sends its requests, waits for its pauses, and reports every request.
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#runtime/errors.ts';
import { Abandoned, type Answer, type Ask, isAsk, type Journey } from '../../k8s/load/scenario/step.ts';
import type { Sender } from './send.ts';

/** One request that is over. */
export interface Sent {
  readonly ask: Ask;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly ms: number;
  /** Why it counts as a failure; undefined when it was answered as it should be. */
  readonly failure?: string;
}

export type OnSent = (sent: Sent) => void;

/**
 * Undefined when the journey was abandoned. @param pace a second of the journey in seconds
 * @throws what else a journey throws: a fault of the scenario, not of the shop
 */
export async function drive<Result>(
  journey: Journey<Result>,
  sender: Pick<Sender, 'send'>,
  onSent: OnSent,
  pace = 1,
): Promise<Result | undefined> {
  let answer: Answer | undefined;
  try {
    for (;;) {
      const { done, value } = journey.next(answer);
      if (done) return value;
      answer = undefined;
      if (isAsk(value)) answer = await carryOut(value, sender, onSent);
      else await sleep(value.seconds * 1_000 * pace);
    }
  } catch (error) {
    if (error instanceof Abandoned) return undefined;
    throw error;
  }
}

async function carryOut(ask: Ask, sender: Pick<Sender, 'send'>, onSent: OnSent): Promise<Answer> {
  const startedAt = performance.now();
  const ms = () => performance.now() - startedAt;
  try {
    const answer = await sender.send(ask);
    const isRight = ask.answers.includes(answer.status);
    const failure = isRight ? {} : { failure: `${answer.status} ${codeOf(answer.text)}`.trim() };
    onSent({ ask, status: answer.status, ms: ms(), ...failure });
    return answer;
  } catch (error) {
    onSent({ ask, status: 0, ms: ms(), failure: messageOf(error) });
    return { status: 0, text: '' };
  }
}

/** The code of a problem (RFC 9457), for the summary. */
const codeOf = (text: string): string => /"code":"([\w-]{1,64})"/.exec(text)?.[1] ?? '';
