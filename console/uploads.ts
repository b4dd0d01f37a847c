// Uploads in: a signed URL out. Then what became of one: its renditions from S3, or its rejection from Kafka.
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { describeIssues } from '#contracts/envelope.ts';
import type { ImageRejected } from '#contracts/images.ts';
import { renditionPrefix, UPLOAD_PREFIX } from '#contracts/images.ts';
import { messageOf } from '#runtime/errors.ts';
import { useJsonBodies } from '#runtime/http/request-body.ts';
import type { PhotoStore, StoredRendition } from './photo-store.ts';
import { sendProblem } from './problem.ts';
import type { TopicTail } from './topic-tail.ts';
import { LABELS } from './totals.ts';
import { planUpload } from './upload-request.ts';

const uploadRequest = z.strictObject({
  fileName: z.string().min(1).max(255),
  contentType: z.string().max(100),
  bytes: z.int().nonnegative(),
});

const uploadPath = z.object({
  productId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  uploadId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
});

/** One rendition as the page shows it. */
export interface Rendition {
  readonly label: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly url: string;
}

export interface UploadRoutes {
  readonly photos: PhotoStore;
  readonly rejections: TopicTail<ImageRejected>;
}

/** `POST /api/uploads` and `GET /api/uploads/:productId/:uploadId`. */
export function useUploads(app: FastifyInstance, { photos, rejections }: UploadRoutes): void {
  useJsonBodies(app);
  app.post('/api/uploads', async (request, reply) => {
    const parsed = uploadRequest.safeParse(request.body);
    if (!parsed.success) {
      const detail = `Expected {fileName, contentType, bytes}: ${describeIssues(parsed.error.issues)}.`;
      return sendProblem(reply, { status: 400, code: 'bad-request', title: 'Not an upload request', detail });
    }
    const plan = planUpload(parsed.data, randomUUID());
    if ('status' in plan) return sendProblem(reply, plan);
    const url = await photos.signUpload(plan.key, plan.contentType, plan.bytes);
    const { productId, uploadId, contentType } = plan;
    return reply
      .code(201)
      .send({ productId, uploadId, method: 'PUT', url, headers: { 'content-type': contentType } });
  });

  app.get('/api/uploads/:productId/:uploadId', async (request, reply) => {
    const path = uploadPath.safeParse(request.params);
    if (!path.success) {
      const detail = 'Ids are letters, digits, dashes and underscores.';
      return sendProblem(reply, { status: 400, code: 'bad-request', title: 'Not an upload id', detail });
    }
    const { productId, uploadId } = path.data;
    const rejection = rejectionOf(rejections, `${UPLOAD_PREFIX}${productId}/${uploadId}.`);
    if (rejection) return { state: 'rejected', rejection, renditions: [] };
    try {
      const stored = await photos.renditions(renditionPrefix(path.data));
      const renditions = stored.map(toRendition).sort(byLabel);
      return { state: renditions.length > 0 ? 'rendered' : 'waiting', renditions };
    } catch (error) {
      request.log.info({ reason: messageOf(error) }, 'renditions cannot be listed now');
      const detail = 'The photo store does not answer; this page keeps asking.';
      return sendProblem(reply, { status: 503, code: 'store-away', title: 'S3 is away', detail });
    }
  });
}

/** The upload's refusal, if the newest events of the topic hold one. Its key is all of the object's key but the extension. */
function rejectionOf(
  rejections: TopicTail<ImageRejected>,
  keyStart: string,
): { reason: string; detail: string } | undefined {
  const found = rejections.records().findLast(({ event }) => event.data.source.key.startsWith(keyStart));
  return found && { reason: found.event.data.reason, detail: found.event.data.detail };
}

/** The key's last part is the label: `renditions/<productId>/<uploadId>/<version>/<label>.<extension>`. */
function toRendition({ key, bytes, pixels, url }: StoredRendition): Rendition {
  const label =
    key
      .split('/')
      .at(-1)
      ?.replace(/\.[^.]*$/, '') ?? '';
  return { label, ...pixels, bytes, url };
}

const byLabel = (a: Rendition, b: Rendition): number => LABELS.indexOf(a.label) - LABELS.indexOf(b.label);
