// Which errors of Postgres pass by themselves: an error in, whether the same work may well succeed in a moment out.
import { AppError } from '../errors.ts';

/**
 * Connections that could not be made or broke, Postgres while it stops or starts (SQLSTATE classes 08 and 57P, 53300), a sign-in
 * that was refused (28000, 28P01: IAM or the source of its tokens may be away), and work that Postgres rolled back because of other
 * work at the same time (40001, 40P01). In each case nothing was done.
 */
const OUTAGE_CODES =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|08\w{3}|57P0[123]|53300|28000|28P01|40001|40P01)$/;
/** The pool and the client of `pg` give these errors no code. */
const OUTAGE_MESSAGES =
  /^(timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection error)/;

/** Whether the database is to blame and not the work: the same work may succeed in a moment. */
export function isOutage(error: unknown): boolean {
  if (error instanceof AppError) return false;
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return OUTAGE_CODES.test(String(code)) || OUTAGE_MESSAGES.test(String(message));
}
