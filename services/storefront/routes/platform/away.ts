// What a page says when the console, or what the console reads, is away.
import { SERVICE_AWAY } from '../../bff/services.ts';
import type { LiveState } from '../../pages/platform/props.ts';
import { CONSOLE_AWAY } from './live-parts.ts';

/** What is away, in words: the console's own words when it answers that something behind it is. Undefined for an error of another kind. */
export function awayWords(error: unknown): string | undefined {
  const { code, facts } = error as { code?: string; facts?: { detail?: string } };
  return code === SERVICE_AWAY ? (facts?.detail ?? CONSOLE_AWAY.words) : undefined;
}

/** What Kafka holds, or why that is unknown. @throws errors of another kind */
export const shownOr = <Shown>(answer: Promise<Shown>): Promise<Shown | LiveState> =>
  answer.catch((error: unknown) => kafkaAway(error));

/** @throws errors of another kind */
export function kafkaAway(error: unknown): LiveState {
  const words = awayWords(error);
  if (words === undefined) throw error;
  return words === CONSOLE_AWAY.words ? CONSOLE_AWAY : { name: 'away', title: 'Waiting for Kafka', words };
}
