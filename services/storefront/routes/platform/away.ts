// What a page says when the console, or what the console reads, is away.
import { SERVICE_AWAY } from '../../bff/services.ts';
import { CONSOLE_AWAY } from './live-parts.ts';

/** The console answers with words when it is not itself that is away. Undefined for an error of another kind. */
export function awayWords(error: unknown): string | undefined {
  const { code, facts } = error as { code?: string; facts?: { detail?: string } };
  return code === SERVICE_AWAY ? (facts?.detail ?? CONSOLE_AWAY.words) : undefined;
}
