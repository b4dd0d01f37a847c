// Photos of a product: the page, the part of it that changes, and the signed address that a browser sends a file to.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { UPLOAD_CONTENT_TYPES } from '#contracts/images.ts';
import { AppError } from '#runtime/errors.ts';
import { Refused } from '../../bff/refused.ts';
import type { PhotoFile } from '../../bff/seller.ts';
import { SERVICE_AWAY } from '../../bff/services.ts';
import type { PhotoStateProps } from '../../pages/seller/props.ts';
import { contentPolicy, type Site, sendPage } from '../../site.ts';
import { cursorOf, forSellerScripts, forSellers, productIdOf, restUrl, type SellerVisit } from './visit.ts';

const UPLOADS = 20;
const fileForm = z.object({
  fileName: z.string().min(1).max(255),
  contentType: z.string().max(100).catch(''),
  bytes: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
});

export function useSellerPhotos(app: FastifyInstance, site: Site): void {
  const { IMAGES_ORIGIN, UPLOADS_ORIGIN } = site.config;
  const isOpen = UPLOADS_ORIGIN !== undefined;
  // This page alone talks to the store, and shows a file that it has in memory.
  const policy = contentPolicy(IMAGES_ORIGIN, { uploadsOrigin: UPLOADS_ORIGIN });
  app.get(
    '/seller/products/:productId/photos',
    forSellers(site, async (visit) => {
      const [frame, state] = await Promise.all([visit.frame(), stateOf(site, visit)]);
      visit.reply.header('content-security-policy', policy);
      return sendPage(visit.reply, site.pages.photos({ ...state, frame, isOpen }));
    }),
  );
  app.get(
    '/seller/products/:productId/photos/state',
    forSellerScripts(site, async (visit) =>
      sendPage(visit.reply, site.pages.photoState(await stateOf(site, visit))),
    ),
  );
  app.post(
    '/seller/products/:productId/uploads',
    forSellerScripts(site, (visit) => sign(site, visit)),
  );
}

async function stateOf(site: Site, { calls, request }: SellerVisit): Promise<PhotoStateProps> {
  const productId = productIdOf(request);
  const [product, { items: uploads, next }] = await Promise.all([
    calls.product(productId),
    calls.uploads(productId, UPLOADS, cursorOf(request)),
  ]);
  const { locale } = site.frameOffline(request);
  const nextUrl = restUrl(`/seller/products/${productId}/photos`, next);
  return { product, uploads, nextUrl, locale, nowMs: Date.now() };
}

async function sign({ config }: Site, { calls, request, reply }: SellerVisit): Promise<FastifyReply> {
  const { uploadId, url, headers } = await calls.signUpload(productIdOf(request), fileOf(request));
  if (new URL(url).origin !== (config.UPLOADS_ORIGIN && new URL(config.UPLOADS_ORIGIN).origin))
    throw new AppError(
      SERVICE_AWAY,
      `UPLOADS_ORIGIN is not where photos go: the product service signs for ${new URL(url).origin}`,
    );
  return reply.code(201).header('cache-control', 'no-store').send({ uploadId, url, headers });
}

/** @throws Refused for what no script of the page sends */
function fileOf({ body }: FastifyRequest): PhotoFile {
  const parsed = fileForm.safeParse(body);
  if (!parsed.success)
    throw new Refused({ status: 422, code: 'invalid-file', detail: 'That does not name a file.' });
  const { fileName, contentType, bytes } = parsed.data;
  return { fileName, contentType: contentType || typeOf(fileName), bytes };
}

/** Some systems give browsers no type of an AVIF: its ending does. */
function typeOf(fileName: string): string {
  const ending = /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase() ?? '';
  return (Object.hasOwn(UPLOAD_CONTENT_TYPES, ending) ? UPLOAD_CONTENT_TYPES[ending] : undefined) ?? '';
}
