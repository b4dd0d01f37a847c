// A form that may be sent twice: its key makes the second a repeat of the first. While that one is still worked on, the repeat waits.
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refused } from './refused.ts';

const KEY = /^[0-9a-f]{32}$/;
/** The second of two clicks waits for the first one's answer. */
const IN_PROGRESS_TRIES = 6;
const IN_PROGRESS_PAUSE_MS = 300;

/** An idempotency key for a hidden field. */
export const newKey = (): string => randomUUID().replaceAll('-', '');

/** Whether a text can be a key of ours. */
export const isKey = (text: string): boolean => KEY.test(text);

/**
 * The key after a refusal, which stays under its own. It follows from the refused one: two clicks that are refused lead to one
 * next request.
 */
export const keyAfter = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 32);

/** @throws Refused `request-in-progress` where the first request takes longer than people wait */
export async function untilAnswered<Answer>(request: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await request();
    } catch (error) {
      const isWorkedOn = error instanceof Refused && error.code === 'request-in-progress';
      if (!isWorkedOn || tries === IN_PROGRESS_TRIES) throw error;
      await sleep(IN_PROGRESS_PAUSE_MS);
    }
  }
}
