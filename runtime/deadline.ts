// A bound on a wait: work that has begun in, its result or an error within the time out. The work itself is not ended: who can end it
// gives it a signal of its own.
import { AppError } from './errors.ts';

// Taken once: specs may replace the clock.
const { setTimeout, clearTimeout } = globalThis;

/** How a deadline that has passed is reported. */
export interface LateWords {
  /** Of the error. @default deadline-exceeded */
  readonly code?: string;
  /** What took too long. @default the work */
  readonly what?: string;
}

/**
 * The result of the work.
 * @throws AppError with the code when the work takes longer; how it ends after that is not reported, failures included
 */
export async function within<Result>(
  limitMs: number,
  work: Promise<Result>,
  { code = 'deadline-exceeded', what = 'the work' }: LateWords = {},
): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new AppError(code, `${what} took longer than ${limitMs} ms`, { limitMs })),
    limitMs,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits for the work, but no longer than this. False when the time was over, or the signal was aborted, first. Rejects as the work does.
 * @param signal ends the wait early
 */
export async function isDoneWithin(
  limitMs: number,
  work: Promise<unknown>,
  signal?: AbortSignal,
): Promise<boolean> {
  const over = Promise.withResolvers<false>();
  const end = (): void => over.resolve(false);
  const timer = setTimeout(end, limitMs);
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work.then(() => true), over.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}
