// Registering, proving an address and setting a new password over HTTP. Nothing here tells whether an address has an account.
import { z } from 'zod';
import { Problem, type Route, route } from '#runtime/http/api.ts';
import type { Accounts } from './domain.ts';

const email = z.string().min(3).max(254);
const password = z.string().min(1).max(512);
const token = z.string().min(1).max(128);
/** On one line, and not blank: it stands in mails and pages. */
export const name = z
  .string()
  .max(100)
  .regex(/^[\p{Z}\uFEFF]*[^\p{Cc}\s]\P{Cc}*$/u);
/** BCP 47: a language, perhaps with a region. */
export const locale = z.string().regex(/^[a-z]{2}(-[A-Z]{2})?$/);

const DETAILS = {
  'email-invalid': 'This is not an e-mail address: write it as name@example.org.',
  'token-invalid': 'The link was used, has expired or is not complete: ask for a new one.',
  'password-too-short': 'The password is too short: take at least 12 characters.',
  'password-too-long': 'The password is too long: take at most 128 characters.',
  'password-too-common': 'Many people use this password: take another, such as a few unrelated words.',
  'password-too-uniform': 'The password repeats itself: take another, such as a few unrelated words.',
  'password-like-address': 'The password is too much like the e-mail address: take another.',
} as const;

/** The outcome that was hoped for passes; any other is the answer. */
function expectOutcome<Wanted extends string>(
  outcome: Wanted | keyof typeof DETAILS,
  wanted: Wanted,
): asserts outcome is Wanted {
  if (outcome !== wanted) throw new Problem(400, outcome, DETAILS[outcome as keyof typeof DETAILS]);
}

/** None takes an Idempotency-Key: it would store fast hashes of passwords; repeating any of these is harmless anyway. */
export const registrationRoutes = (accounts: Accounts): Route[] => [
  ...addressRoutes(accounts),
  ...passwordRoutes(accounts),
];

const addressRoutes = (accounts: Accounts): Route[] => [
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
      expectOutcome(await accounts.register(body), 'accepted');
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
      expectOutcome(await accounts.verifyEmail(body.token, body.password, ip), 'verified');
      return { status: 204 };
    },
  ),
];

const passwordRoutes = (accounts: Accounts): Route[] => [
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
      expectOutcome(await accounts.requestReset(body.email), 'accepted');
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
      expectOutcome(await accounts.resetPassword(body.token, body.password, ip), 'reset');
      return { status: 204 };
    },
  ),
];
