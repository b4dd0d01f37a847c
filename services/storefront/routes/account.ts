// Accounts: sign-up, sign-in and the pages that mails link to (`account/verify-email`, `account/reset-password`).
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { messageOf } from '#runtime/errors.ts';
import { readGuestCart } from '../bff/guest-cart.ts';
import { faultsOf, Refused } from '../bff/refused.ts';
import { RETURNS, returnUrl } from '../bff/sign-in-return.ts';
import { sampleAdminOf } from '../config.ts';
import type { FormProps } from '../pages/props.ts';
import { PLATFORM_PATH, type Site, sendPage } from '../site.ts';
import { mergeGuestCart } from './cart.ts';

const text = (max: number) => z.string().max(max).catch('');
const fields = z.object({
  email: text(254),
  name: text(100),
  password: text(512),
  token: text(128),
  next: z.enum(['', ...RETURNS]).catch(''),
});
const query = fields.pick({ next: true });
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
      site.servicesOf(request).profile(token),
    ]);
    const isAdmin = site.config.CONSOLE_URL !== undefined && profile.role === 'admin';
    return sendPage(
      reply,
      site.pages.account({ frame, profile, platformUrl: isAdmin ? PLATFORM_PATH : undefined }),
    );
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
    sendPage(
      reply,
      view({ frame: await site.frame(request, reply), faults: {}, values: query.parse(request.query) }),
    ),
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

const mailForms = ({ pages, servicesOf }: Site): FormPage[] => [
  {
    url: '/account/sign-up',
    view: pages.signUp,
    send: async ({ email, name }, request, reply) => {
      await servicesOf(request).signUp({ email, ...(name.trim() ? { name: name.trim() } : {}) });
      return reply.redirect('/account/check-mail', 303);
    },
  },
  {
    url: '/account/forgot-password',
    view: pages.forgotPassword,
    send: async ({ email }, request, reply) => {
      await servicesOf(request).askReset(email);
      return reply.redirect('/account/check-mail', 303);
    },
  },
];

const signInForm = (site: Site): FormPage => {
  const sampleAdmin = sampleAdminOf(site.config);
  return {
    url: '/account/sign-in',
    view: (props) => site.pages.signIn({ ...props, sampleAdmin }),
    send: (form, ...call) => signIn(site, form, ...call),
  };
};

const passwordForms = (site: Site): FormPage[] => [
  signInForm(site),
  {
    url: '/account/verify-email',
    view: site.pages.verifyEmail,
    send: async ({ token, password }, request, reply) => {
      await site.servicesOf(request).verify(token, password);
      site.cookies.write(reply, 'notice', 'confirmed');
      return reply.redirect('/account/sign-in', 303);
    },
  },
  {
    url: '/account/reset-password',
    view: site.pages.resetPassword,
    send: async ({ token, password }, request, reply) => {
      await site.servicesOf(request).reset(token, password);
      site.cookies.write(reply, 'notice', 'password-set');
      return reply.redirect('/account/sign-in', 303);
    },
  },
];

/** What was chosen before goes into the customer's cart; if that fails they are signed in all the same. */
async function signIn(
  { servicesOf, sessions, cookies }: Site,
  { email, password, next }: Fields,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const services = servicesOf(request);
  const tokens = await services.signIn(email, password);
  sessions.begin(reply, tokens);
  const lines = readGuestCart(cookies.read(request, 'cart'));
  try {
    await mergeGuestCart(services, tokens.accessToken, lines);
    if (lines.length > 0) cookies.clear(reply, 'cart');
  } catch (error) {
    request.log.warn({ reason: messageOf(error) }, 'the cart of a guest was not merged');
    cookies.write(reply, 'notice', 'cart-kept');
  }
  return reply.redirect(returnUrl(next) ?? (lines.length > 0 ? '/cart' : '/'), 303);
}
