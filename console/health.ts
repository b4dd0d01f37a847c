// How each process is, by its own `/readyz`.
import { z } from 'zod';
import type { Process } from '#contracts/process.ts';
import { PROCESSES } from '#contracts/processes.ts';

const ASK_MS_MAX = 2_000;
/** A process that answers with more than this is not one of ours. */
const ANSWER_LENGTH_MAX = 20_000;

/** How a process is; see `Health.words` for why. */
export const HEALTH_STATES = [
  'ready',
  'degraded',
  'not-ready',
  'away',
  'on-demand',
  'reads',
  'not-watched',
] as const;

export interface Health {
  readonly state: (typeof HEALTH_STATES)[number];
  /** What fails or what is slow, as the process says it. */
  readonly words: readonly string[];
}

const readyz = z.object({
  status: z.enum(['ok', 'degraded', 'unavailable']),
  checks: z.record(z.string(), z.string()),
  troubles: z.record(z.string(), z.string()).optional(),
});

const NAMES = new Set(PROCESSES.map(({ name }) => name));

/** `user=http://127.0.0.1:4011,analytics=http://127.0.0.1:4101`: where each process answers. */
export const processAddresses = z.string().transform((text, context) => {
  const pairs = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  return new Map(
    pairs.map((pair) => {
      const [name = '', address = ''] = pair.split(/=(.*)/s);
      if (!NAMES.has(name) || !URL.canParse(address))
        context.addIssue({ code: 'custom', message: `expected <process>=<url>, not ${pair}` });
      return [name, address] as const;
    }),
  );
});

/**
 * Of a process that has no address, by who reads in its groups: whether it lives and reads, though not what it says of itself.
 * @param members by group; missing while the broker does not answer
 */
export function healthByGroups(members: ReadonlyMap<string, number> | undefined): Health {
  if (!members) return { state: 'not-watched', words: ['it has no address, and Kafka does not answer'] };
  const reading = [...members].filter(([, count]) => count > 0).map(([group]) => group);
  if (reading.length === 0) return { state: 'away', words: ['nobody reads in its groups'] };
  return { state: 'reads', words: [`by its groups at Kafka: ${reading.join(', ')}`] };
}

/** Asks one process. Never throws: that it does not answer is what one wants to know. */
export async function askHealth({ port }: Process, address: string | undefined): Promise<Health> {
  if (port === undefined) return { state: 'on-demand', words: [] };
  if (!address) return { state: 'not-watched', words: [] };
  try {
    const response = await fetch(`${address}/readyz`, {
      signal: AbortSignal.timeout(ASK_MS_MAX),
      redirect: 'error',
    });
    const text = await response.text();
    return healthOf(text.length > ANSWER_LENGTH_MAX ? undefined : JSON.parse(text));
  } catch {
    return { state: 'away', words: ['it does not answer'] };
  }
}

function healthOf(answer: unknown): Health {
  const { status, checks, troubles = {} } = readyz.parse(answer);
  if (status === 'ok') return { state: 'ready', words: [] };
  const failing = Object.entries(checks).filter(([, state]) => state !== 'ok');
  return {
    state: status === 'degraded' ? 'degraded' : 'not-ready',
    words: [
      ...failing.map(([name]) => `${name} fails`),
      ...Object.entries(troubles).map(([name, trouble]) => `${name}: ${trouble}`),
    ],
  };
}
