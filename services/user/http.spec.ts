import { describe, expect, it } from '@jest/globals';
import { AppError } from '#runtime/errors.ts';
import type { Call } from '#runtime/http/api.ts';
import { type UserEdges, userRoutes } from './http.ts';

/** Signs in where the password cannot be hashed, for this reason. */
async function signInAgainst(failure: Error): Promise<unknown> {
  const sessions = { signIn: () => Promise.reject(failure) };
  const routes = userRoutes({ sessions } as unknown as UserEdges);
  const signIn = routes.find(({ method, url }) => method === 'POST' && url === '/sessions')!;
  const call = { body: { email: 'ada@example.org', password: 'x' }, ip: '127.0.0.1' } as unknown as Call;
  return signIn.handle(call).catch((error: unknown) => error);
}

describe('the endpoints of the user service', () => {
  it('answer 503 with the time to wait when too many requests wait for a password hash', async () => {
    expect(await signInAgainst(new AppError('busy', 'too many wait'))).toMatchObject({
      name: 'Problem',
      code: 'busy',
      status: 503,
      message: 'Too many are signing in right now: try again.',
      headers: { 'retry-after': '2' },
    });
  });

  it('hand on every other error as it is', async () => {
    const failure = new AppError('no-signing-key', 'no key signs now');
    expect(await signInAgainst(failure)).toBe(failure);
  });
});
