// Accounts: sign-up, sign-in and the pages that mails link to (`account/verify-email`, `account/reset-password`).
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { readGuestCart } from '../bff/guest-cart.ts';
import { Refused } from '../bff/services.ts';
import type { FormProps } from '../pages/account.tsx';
import { type Site, sendPage } from '../site.ts';
import { mergeGuestCart } from './cart.ts';

const text = (max: number) => z.string().max(max).catch('');
const fields = z.object({ email: text(254), name: text(100), password: text(512), token: text(128) });
type Fields = z.infer<typeof fields>;

interface FormPage {
  readonly url: string;
  readonly view: (props: FormProps) => string;
  /** Does what the form asks for, and answers. */
  readonly send: (form: Fields, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
}

export function useAccount(app: FastifyInstance, site: Site): void {
  for (const form of [...mailForms(site), ...passwordForms(site)]) useForm(app, site, form);
  app.get('/account', async (request, reply) => {
    const token = await site.sessions.accessToken(request, reply);
    if (!token) return reply.redirect('/account/sign-in', 303);
    const [frame, profile] = await Promise.all([
      site.frame(request, reply, token),
      site.services.profile(token),
    ]);
    return sendPage(reply, site.pages.account({ frame, profile }));
  });
  app.get('/account/check-mail', async (request, reply) =>
    sendPage(reply, site.pages.checkMail({ frame: await site.frame(request, reply) })),
  );
  app.post('/account/sign-out', async (request, reply) => {
    await site.sessions.end(request, reply);
    site.cookies.write(reply, 'notice', 'signed-out');
    return reply.redirect('/', 303);
  });
}

/** Shows the form; a refusal shows it again with its words at the field, and without the password. */
function useForm(app: FastifyInstance, site: Site, { url, view, send }: FormPage): void {
  app.get(url, async (request, reply) =>
    sendPage(reply, view({ frame: await site.frame(request, reply), faults: {}, values: {} })),
  );
  app.post(url, async (request, reply) => {
    const form = fields.parse(request.body ?? {});
    try {
      return await send(form, request, reply);
    } catch (error) {
      if (!(error instanceof Refused) || error.status >= 500) throw error;
      const { password: _, ...values } = form;
      return sendPage(
        reply,
        view({ frame: await site.frame(request, reply), faults: faultsOf(error), values }),
        error.status,
      );
    }
  });
}

const FIELD_WORDS = /^(email|name|password)\b[^:]*:\s*(.+)$/s;

/** `password: too short` belongs to the field password, all else to the form. */
function faultsOf({ code, message, retryAfterS }: Refused): Record<string, string> {
  if (code === 'sign-in-refused') return { form: 'E-mail and password do not belong together.' };
  if (retryAfterS) return { form: `Too many attempts: please wait ${retryAfterS} seconds.` };
  const [, field, words] = FIELD_WORDS.exec(message) ?? [];
  return field && words ? { [field]: words } : { form: message };
}

const mailForms = ({ pages, services }: Site): FormPage[] => [
  {
    url: '/account/sign-up',
    view: pages.signUp,
    send: async ({ email, name }, { ip }, reply) => {
      await services.signUp({ email, ...(name.trim() ? { name: name.trim() } : {}) }, ip);
      return reply.redirect('/account/check-mail', 303);
    },
  },
  {
    url: '/account/forgot-password',
    view: pages.forgotPassword,
    send: async ({ email }, { ip }, reply) => {
      await services.askReset(email, ip);
      return reply.redirect('/account/check-mail', 303);
    },
  },
];

const passwordForms = ({ pages, services, cookies, sessions }: Site): FormPage[] => [
  {
    url: '/account/sign-in',
    view: pages.signIn,
    send: async ({ email, password }, request, reply) => {
      const tokens = await services.signIn(email, password, request.ip);
      sessions.begin(reply, tokens);
      await mergeGuestCart(services, tokens.accessToken, readGuestCart(cookies.read(request, 'cart')));
      cookies.clear(reply, 'cart');
      return reply.redirect('/', 303);
    },
  },
  {
    url: '/account/verify-email',
    view: pages.verifyEmail,
    send: async ({ token, password }, { ip }, reply) => {
      await services.verify(token, password, ip);
      cookies.write(reply, 'notice', 'confirmed');
      return reply.redirect('/account/sign-in', 303);
    },
  },
  {
    url: '/account/reset-password',
    view: pages.resetPassword,
    send: async ({ token, password }, { ip }, reply) => {
      await services.reset(token, password, ip);
      cookies.write(reply, 'notice', 'password-set');
      return reply.redirect('/account/sign-in', 303);
    },
  },
];
