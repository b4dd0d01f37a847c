// Registering, verifying an address and setting a new password over HTTP. No answer shows whether an address has an account.
import { z } from 'zod';
import { Problem, type Route, route } from '#runtime/http/api.ts';
import type { Challenges } from '../challenges/domain.ts';
import type { PasswordRefusal } from '../passwords/domain.ts';
import type { Registration } from './domain.ts';

const email = z.string().min(3).max(254);
const password = z.string().min(1).max(512);
const token = z.string().min(1).max(128);
/** On one line and not blank: mails and pages show it. */
export const name = z
  .string()
  .max(100)
  .regex(/^[\p{Z}\uFEFF]*[^\p{Cc}\s]\P{Cc}*$/u);
/** BCP 47: a language, perhaps with a region. */
export const locale = z.string().regex(/^[a-z]{2}(-[A-Z]{2})?$/);

type Refusal = PasswordRefusal | 'email-invalid' | 'token-invalid';

const DETAILS: Readonly<Record<Refusal, string>> = {
  'email-invalid': 'This is not an e-mail address: write it as name@example.org.',
  'token-invalid': 'The link was used, has expired or is not complete: ask for a new one.',
  'password-too-short': 'The password is too short: take at least 12 characters.',
  'password-too-long': 'The password is too long: take at most 128 characters.',
  'password-too-common': 'Many people use this password: take another, such as a few unrelated words.',
  'password-too-uniform': 'The password repeats itself: take another, such as a few unrelated words.',
  'password-like-address': 'The password is too much like the e-mail address: take another.',
};

function assertAccepted(decision: 'accepted' | Refusal): asserts decision is 'accepted' {
  if (decision !== 'accepted') throw new Problem(400, decision, DETAILS[decision]);
}

/**
 * The endpoints of registration and of challenges. None takes an Idempotency-Key: the table of keys would keep fast hashes of passwords,
 * and each of these requests may be repeated without harm.
 */
export const registrationRoutes = (registration: Registration, challenges: Challenges): Route[] => [
  ...addressRoutes(registration, challenges),
  ...passwordRoutes(challenges),
];

const addressRoutes = (registration: Registration, challenges: Challenges): Route[] => [
  route(
    {
      method: 'POST',
      url: '/users',
      access: 'anyone',
      summary:
        'Registers an address. The answer is the same whether or not it has an account; a mail says more.',
      body: z.object({
        email,
        password: password.optional().describe('only looked at: it is set with the token of the mail'),
        name: name.optional(),
        locale: locale.optional(),
      }),
      answers: { 202: null },
      problems: [400],
      callsPerMinuteMax: 10,
    },
    async ({ body }) => {
      assertAccepted(await registration.register(body));
      return { status: 202 };
    },
  ),
  route(
    {
      method: 'POST',
      url: '/users/verifications',
      access: 'anyone',
      summary:
        'Verifies an address with the token of the mail, and sets the password: from now on its account can sign in.',
      body: z.object({ token, password }),
      answers: { 204: null },
      problems: [400, 503],
      callsPerMinuteMax: 20,
    },
    async ({ body, ip }) => {
      assertAccepted(await challenges.answer('verify-email', { ...body, ip }));
      return { status: 204 };
    },
  ),
];

const passwordRoutes = (challenges: Challenges): Route[] => [
  route(
    {
      method: 'POST',
      url: '/passwords/reset-requests',
      access: 'anyone',
      summary:
        'Asks for a mail to set a new password. The answer is the same whether or not the address has an account.',
      body: z.object({ email }),
      answers: { 202: null },
      problems: [400],
      callsPerMinuteMax: 10,
    },
    async ({ body }) => {
      assertAccepted(await challenges.requestReset(body.email));
      return { status: 202 };
    },
  ),
  route(
    {
      method: 'POST',
      url: '/passwords/resets',
      access: 'anyone',
      summary: 'Sets a new password with the token of the mail and ends every session.',
      body: z.object({ token, password }),
      answers: { 204: null },
      problems: [400, 503],
      callsPerMinuteMax: 20,
    },
    async ({ body, ip }) => {
      assertAccepted(await challenges.answer('reset-password', { ...body, ip }));
      return { status: 204 };
    },
  ),
];
