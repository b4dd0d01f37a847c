// Asks the user service for addresses and tokens, with our own service token. Its answers are checked, used once and not kept.
import { z } from 'zod';
import { AppError } from '#runtime/errors.ts';
import { callService, type TokenSource } from '#runtime/http/service-token.ts';
import type { AddressBook } from './domain.ts';

// Not an e-mail pattern: what an address may look like was settled when it was verified. No line break may pass, though.
const contactAnswer = z.object({
  email: z.string().regex(/^[^\s<>,;]{1,64}@[^\s<>,;]{1,255}$/),
  locale: z.string().max(35),
});
const challengeAnswer = contactAnswer.extend({ token: z.string().min(1).max(512) });

/** The codes that mean: the recipient or the challenge no longer exists. A 404 without a code is a wrong path. */
const isGone = (status: number, body: unknown): boolean =>
  (status === 404 || status === 410) && problemAnswer.safeParse(body).success;
const problemAnswer = z.object({ code: z.string().min(1) });

/** @param url of the user service, without a path */
export function createAddressBook(url: string, token: TokenSource): AddressBook {
  const ask = async <Answer>(
    method: 'GET' | 'POST',
    path: string,
    answer: z.ZodType<Answer>,
  ): Promise<Answer | undefined> => {
    const { status, body } = await callService(new URL(path, url).href, { method, token });
    if (isGone(status, body)) return undefined;
    if (status !== 200)
      throw new AppError('user-service-refused', `the user service answered ${status}`, { status });
    const parsed = answer.safeParse(body);
    if (parsed.success) return parsed.data;
    // Not the parser's message: it may quote the address.
    throw new AppError('user-service-unreadable', 'the user service answered in another form than agreed');
  };
  return {
    contactOf: (userId) => ask('GET', `/internal/users/${encodeURIComponent(userId)}/contact`, contactAnswer),
    challengeMail: (challengeId) =>
      ask('POST', `/internal/challenges/${encodeURIComponent(challengeId)}/mail`, challengeAnswer),
  };
}
