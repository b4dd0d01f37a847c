// A person's own profile over HTTP: to see, change and erase it.
import { z } from 'zod';
import { Problem, type Route, route } from '#runtime/http/api.ts';
import { locale, name } from '../registration/http.ts';
import type { Profiles } from './domain.ts';

const profileData = z.object({
  userId: z.string(),
  role: z.enum(['customer', 'admin']),
  email: z.string(),
  name: z.string().optional(),
  locale: z.string(),
  registeredAt: z.iso.datetime(),
});

const notFound = () => new Problem(404, 'not-found', 'There is no such account or it was erased.');

/** The endpoints of the own profile. */
export const profileRoutes = (profiles: Profiles): Route[] => [
  route(
    {
      method: 'GET',
      url: '/users/me',
      access: 'signed-in',
      summary: 'The profile of who asks.',
      answers: { 200: profileData },
      problems: [404],
    },
    async ({ caller }) => {
      const profile = await profiles.show(caller.userId);
      if (!profile) throw notFound();
      return { status: 200, body: profile, version: profile.version };
    },
  ),
  changeRoute(profiles),
  route(
    {
      method: 'DELETE',
      url: '/users/me',
      access: 'signed-in',
      summary: 'Erases the personal data of who asks and ends every session; the id stays.',
      answers: { 204: null },
    },
    async ({ caller }) => {
      await profiles.erase(caller.userId);
      return { status: 204 };
    },
  ),
];

const changeRoute = (profiles: Profiles): Route =>
  route(
    {
      method: 'PATCH',
      url: '/users/me',
      access: 'signed-in',
      summary: 'Changes name or locale; null takes the name away.',
      body: z.object({ name: name.nullable().optional(), locale: locale.optional() }),
      answers: { 200: profileData },
      ifMatch: 'optional',
      problems: [404],
    },
    async ({ caller, body, ifMatch }) => {
      const profile = await profiles.change(caller.userId, body, ifMatch);
      if (profile === 'gone') throw notFound();
      if (profile === 'changed-meanwhile') {
        throw new Problem(412, 'changed-meanwhile', 'The profile was changed meanwhile: read it again.');
      }
      return { status: 200, body: profile, version: profile.version };
    },
  );
