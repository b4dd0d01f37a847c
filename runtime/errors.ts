// Errors carry a code, facts and a cause; only the edges (HTTP, process exit, dead letters) translate them.

/** An error that says what happened (`code`), with which facts, and what to do about it. */
export class AppError extends Error {
  readonly code: string;
  /** Safe to log: never secrets, tokens or personal data. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, facts: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'AppError';
    this.code = code;
    this.facts = facts;
  }
}

/**
 * What a handler throws of an event that can never be, whatever is tried again: it contradicts what the receiver itself knows. The event
 * becomes a dead letter at once, with the code as the reason.
 */
export class RefusedEvent extends AppError {
  constructor(code: string, message: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(code, message, facts);
    this.name = 'RefusedEvent';
  }
}

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
