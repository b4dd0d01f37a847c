// JSON lines on stdout, one logger per process. Secrets and personal data never get in: known fields are cut out.
import { type Logger, pino } from 'pino';
import { z } from 'zod';
import { AppError } from './errors.ts';

export type { Logger } from 'pino';

export const logConfig = {
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('how much to log'),
};

/** Cut out where they stand at the top of a line's facts or up to two levels below. */
const REDACTED = [
  'password',
  'token',
  'accessToken',
  'refreshToken',
  'apiKey',
  'authorization',
  'cookie',
  'secret',
  'email',
  'cardNumber',
  'connectionString',
  'DATABASE_URL',
];

/** A logger whose lines carry the process name; levels are words, times RFC 3339. */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    base: { process: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: REDACTED.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[redacted]',
    },
    serializers: { error: loggedError, err: loggedError },
  });
}

/**
 * An error for the log. Postgres quotes values in its messages and details (`Key (email)=(…) already exists`), so of its
 * errors only the names of things are kept.
 */
export function loggedError(error: unknown): Record<string, unknown> {
  if (typeof error !== 'object' || error === null) return { type: typeof error };
  const { name, message, stack, code, cause, ...others } = error as Error & Record<string, unknown>;
  const { severity, constraint, table, routine } = others;
  if (severity !== undefined) return { type: 'postgres', code, constraint, table, routine };
  const facts = error instanceof AppError ? { facts: error.facts } : {};
  const because = cause === undefined ? {} : { cause: loggedError(cause) };
  return { type: name, code, message, stack, ...facts, ...because };
}
