// Who may see the seller's pages: admins. Guests are led to the sign-in. The product service decides again at each call.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { notFound, Refused } from '../../bff/refused.ts';
import { createSellerCalls, type SellerCalls } from '../../bff/seller.ts';
import { signInUrl } from '../../bff/sign-in-return.ts';
import type { Frame } from '../../pages/props.ts';
import type { Site } from '../../site.ts';

/** Somebody who sells, on a page. */
export interface SellerVisit {
  readonly calls: SellerCalls;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  frame(): Promise<Frame>;
}

type SellerHandler = (visit: SellerVisit) => Promise<FastifyReply>;

/** @throws Refused `sellers-only` for customers */
async function sellerVisit(
  site: Site,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SellerVisit | undefined> {
  const token = await site.sessions.accessToken(request, reply);
  if (!token) return undefined;
  const { role } = await site.servicesOf(request).profile(token);
  if (role !== 'admin')
    throw new Refused({
      status: 403,
      code: 'sellers-only',
      detail: 'These pages are for those who sell here; your account is one that buys.',
    });
  const calls = createSellerCalls(site.config, request.ip, token);
  return { calls, request, reply, frame: () => site.frame(request, reply, token) };
}

/** The handler of a page for those who sell. */
export const forSellers =
  (site: Site, handle: SellerHandler) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const visit = await sellerVisit(site, request, reply);
    return visit ? handle(visit) : reply.redirect(signInUrl(request.url), 303);
  };

const OVER = 'Your session is over: please load the page again and sign in.';

/** The same for what a page's script asks: refusals are words in JSON. */
export const forSellerScripts =
  (site: Site, handle: SellerHandler) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    try {
      const visit = await sellerVisit(site, request, reply);
      if (visit) return await handle(visit);
      return await reply.code(401).send({ words: OVER });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return reply
        .code(error.status)
        .header('cache-control', 'no-store')
        .send({ words: error.status === 401 ? OVER : error.message });
    }
  };

const productParams = z.object({ productId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });

/** @throws Refused 404 for what is no product's id */
export function productIdOf({ params }: FastifyRequest): string {
  const parsed = productParams.safeParse(params);
  if (!parsed.success) throw notFound();
  return parsed.data.productId;
}

const cursorQuery = z.object({ cursor: z.string().max(2_000).optional().catch(undefined) });

/** The link to the next page of a list. */
export const cursorOf = ({ query }: FastifyRequest): string | undefined => cursorQuery.parse(query).cursor;

/** Address of the rest of a list; undefined where it has ended. */
export const restUrl = (
  path: string,
  next: string | undefined,
  pairs: Readonly<Record<string, string>> = {},
): string | undefined => next && `${path}?${new URLSearchParams({ ...pairs, cursor: next }).toString()}`;

/** A refusal that a form can show; anything else is thrown on. */
export function refusalIn(error: unknown): Refused {
  const isOfForm = error instanceof Refused && ![401, 403, 404, 429].includes(error.status);
  if (!isOfForm) throw error;
  return error;
}
