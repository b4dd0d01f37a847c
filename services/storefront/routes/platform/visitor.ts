// Who looks at the platform pages. Looking takes what PLATFORM_FOR says; to change something takes an admin in any case.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Console, createConsole } from '../../bff/console.ts';
import { Refused } from '../../bff/refused.ts';
import { signInUrl } from '../../bff/sign-in-return.ts';
import type { PlatformFrame, PlatformTab } from '../../pages/platform/props.ts';
import type { Tool } from '../../pages/props.ts';
import { PLATFORM_PATH, type Site } from '../../site.ts';

export interface PlatformVisitor {
  readonly console: Console;
  /** Missing for a guest. */
  readonly token: string | undefined;
  readonly isAdmin: boolean;
  /** An admin, where pages offer changes at all. */
  readonly mayChange: boolean;
}

type Visit = (
  request: FastifyRequest,
  reply: FastifyReply,
  visitor: PlatformVisitor,
) => FastifyReply | Promise<FastifyReply>;
type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** For what only shows something. */
export const forLookers = (site: Site, visit: Visit): Handler =>
  site.config.PLATFORM_FOR === 'admin'
    ? forAdmins(site, visit)
    : async (request, reply) => {
        // Looking is free here: what cannot be said of the visitor now makes them a guest.
        const visitor = await visitorOf(site, request, reply).catch(() => guest(site, request));
        return visit(request, reply, visitor);
      };

/** For requests that change something. A guest is sent to sign in; a visitor who is no admin is refused. */
export const forAdmins =
  (site: Site, visit: Visit): Handler =>
  async (request, reply) => {
    const visitor = await visitorOf(site, request, reply);
    if (visitor.token === undefined) return reply.redirect(signInUrl(request.url), 303);
    if (!visitor.isAdmin)
      throw new Refused({
        status: 403,
        code: 'not-an-admin',
        detail: 'This is for those who run the shop. Sign in with an account of theirs.',
      });
    return visit(request, reply, visitor);
  };

/** The role is the user service's word: a token alone could be of anybody's making. */
async function visitorOf(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<PlatformVisitor> {
  const token = await site.sessions.accessToken(request, reply);
  if (token === undefined) return guest(site, request);
  const { role } = await site.servicesOf(request).profile(token);
  const isAdmin = role === 'admin';
  return { ...guest(site, request), token, isAdmin, mayChange: isAdmin && offersChanges(site) };
}

const guest = ({ config }: Site, { ip }: FastifyRequest): PlatformVisitor => ({
  console: createConsole(config, ip),
  token: undefined,
  isAdmin: false,
  mayChange: false,
});

/** False where the console can only look: a button that cannot work is not shown. */
export const offersChanges = ({ config }: Site): boolean => config.PLATFORM_CHANGES === 'on';

/** What every platform page shows around itself. */
export async function platformFrame(
  site: Site,
  request: FastifyRequest,
  reply: FastifyReply,
  { token, mayChange }: PlatformVisitor,
  tab: PlatformTab,
): Promise<PlatformFrame> {
  const frame = await site.frame(request, reply, token);
  const hasFaults = site.config.FAULTS === 'on';
  return { ...frame, platformUrl: PLATFORM_PATH, tools: toolsOf(site), tab, isAdmin: mayChange, hasFaults };
}

const toolsOf = ({ config: { TRACES_URL, PROMETHEUS_URL, FLINK_URL } }: Site): readonly Tool[] =>
  [
    { title: 'Traces', url: TRACES_URL },
    { title: 'Prometheus', url: PROMETHEUS_URL },
    { title: 'Flink', url: FLINK_URL },
  ].flatMap(({ title, url }) => (url ? [{ title, url }] : []));
