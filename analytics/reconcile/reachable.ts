// Reading a store that may be away: what is said then.
import { AppError, messageOf } from '#runtime/errors.ts';

/** Names the store that could not be read, and where its address is set. */
export async function from<Result>(
  store: string,
  variables: string,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const remedy = `is it running, and do ${variables} name it?`;
    throw new AppError('unreachable', `${store} could not be read: ${describe(error)}; ${remedy}`, {}, error);
  }
}

/** A refused connection on every address of a name is an error whose own message is empty. */
const describe = (error: unknown): string =>
  error instanceof AggregateError ? error.errors.map(messageOf).join(', ') : messageOf(error);
