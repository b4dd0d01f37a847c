// What the notification service asks for when it writes a mail: an address, or the token of a challenge.
import { z } from 'zod';
import { challengePurpose } from '#contracts/users.ts';
import { Problem, type Route, route } from '#runtime/http/api.ts';
import type { Challenges } from './challenges/domain.ts';
import type { AccountStore } from './domain.ts';

const id = z.string().regex(/^[\w-]{1,64}$/);
const contactData = z.object({ email: z.string(), locale: z.string() });
const mailData = contactData.extend({ token: z.string(), purpose: challengePurpose });

/** The endpoints for other services. */
export const internalRoutes = (
  accounts: Pick<AccountStore, 'contact'>,
  challenges: Pick<Challenges, 'writeMail'>,
): Route[] => [
  route(
    {
      method: 'GET',
      url: '/internal/users/:userId/contact',
      access: { service: ['notification'] },
      summary: 'How to write to a person.',
      params: z.object({ userId: id }),
      answers: { 200: contactData },
      problems: [404],
    },
    async ({ params }) => {
      const contact = await accounts.contact(params.userId);
      if (!contact) {
        throw new Problem(404, 'not-found', 'There is no such account or it was erased.');
      }
      return { status: 200, body: contact };
    },
  ),
  route(
    {
      method: 'POST',
      url: '/internal/challenges/:challengeId/mail',
      access: { service: ['notification'] },
      summary: 'What the mail of a challenge needs. Repeatable: the token stays the same.',
      params: z.object({ challengeId: id }),
      answers: { 200: mailData },
      problems: [410],
    },
    async ({ params }) => {
      const mail = await challenges.writeMail(params.challengeId);
      if (!mail) throw new Problem(410, 'challenge-over', 'There is nothing to be mailed any more.');
      return { status: 200, body: mail, headers: { 'cache-control': 'no-store' } };
    },
  ),
];
