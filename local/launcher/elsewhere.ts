// A server that the environment names instead of one of ours: it is asked once whether it answers, and never stopped.
import { AppError, messageOf } from '#runtime/errors.ts';
import type { RunningServer } from '../server/server.ts';

/** @throws AppError `server-elsewhere-silent` naming the variable, when nothing answers there */
export async function elsewhere(
  name: string,
  variable: string,
  value: string,
  probe: () => Promise<unknown>,
): Promise<RunningServer> {
  try {
    await probe();
  } catch (error) {
    throw new AppError(
      'server-elsewhere-silent',
      `${variable} is set, so ${name} is not started here, but it does not answer: ${messageOf(error)}`,
      {},
      error,
    );
  }
  return { name, address: addressOf(value), env: { [variable]: value }, pids: [], stop: async () => {} };
}

/** Without the user and password that an address may carry. */
function addressOf(value: string): string {
  return URL.canParse(value) && value.includes('://') ? new URL(value).host : value;
}
