// Photos that are dropped on the first platform page: a signed URL for the browser, and what has become of the upload.
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { PROBLEM_TYPE } from '#runtime/http/problem.ts';
import { notFound, Refused } from '../../bff/refused.ts';
import { contentPolicy, PLATFORM_PATH, type Site } from '../../site.ts';
import { forLookers, offersChanges } from './visitor.ts';

const PATH = `${PLATFORM_PATH}/uploads`;
const form = z.object({
  fileName: z.string().min(1).max(255),
  contentType: z.string().max(100),
  bytes: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
});
const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const params = z.object({ productId: id, uploadId: id });

export const takesPhotos = (site: Site): boolean =>
  site.config.UPLOADS_ORIGIN !== undefined && offersChanges(site);

/** On this page alone the script may speak to the store of photos. */
export function allowUploads(site: Site, reply: FastifyReply): void {
  const { config } = site;
  if (config.UPLOADS_ORIGIN && takesPhotos(site))
    reply.header(
      'content-security-policy',
      contentPolicy(config.IMAGES_ORIGIN, { uploadsOrigin: config.UPLOADS_ORIGIN }),
    );
}

export function useUploads(app: FastifyInstance, site: Site): void {
  if (!takesPhotos(site)) return;
  app.post(
    PATH,
    forLookers(site, async (request, reply, { console }) => {
      const sent = form.safeParse(request.body);
      if (!sent.success) return refuse(reply, 400, 'This is not said of a file as this page says it.');
      try {
        const signed = await console.signUpload(sent.data);
        return await reply.code(201).send(signed);
      } catch (error) {
        if (error instanceof Refused) return refuse(reply, error.status, error.message);
        throw error;
      }
    }),
  );
  app.get(
    `${PATH}/:productId/:uploadId`,
    forLookers(site, async (request, reply, { console }) => {
      const asked = params.safeParse(request.params);
      if (!asked.success) throw notFound();
      const state = await console.upload(asked.data.productId, asked.data.uploadId);
      return reply.header('cache-control', 'no-store').send(state);
    }),
  );
}

const refuse = (reply: FastifyReply, status: number, detail: string): FastifyReply =>
  reply
    .code(status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify({ type: 'about:blank', status, detail }));
