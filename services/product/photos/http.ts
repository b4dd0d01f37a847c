// Photos of products: a description of a file in, a signed URL for exactly that file out. What becomes of the photo comes back as
// events, and is shown with the upload.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { rejectionReason, UPLOAD_BYTES_MAX } from '#contracts/images.ts';
import {
  cursorPage,
  decodeCursor,
  Problem,
  pageOf,
  pageQuery,
  type Route,
  route,
} from '#runtime/http/api.ts';
import { productParams, productUnknown } from '../catalogue-routes.ts';
import type { Catalogue } from '../domain.ts';
import {
  decideUpload,
  type PhotoUploads,
  UPLOAD_EXPIRY_S,
  type UploadLog,
  type UploadRecord,
  type UploadRefusal,
} from './domain.ts';

const uploadBody = z.object({
  // Postgres stores no NUL.
  fileName: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^\0]*$/),
  contentType: z.string().max(100),
  bytes: z.int().positive(),
});
const signedJson = z.object({
  uploadId: z.string(),
  method: z.literal('PUT'),
  url: z.string(),
  headers: z.object({ 'content-type': z.string() }),
  expiresInS: z.int(),
});
const uploadJson = z.object({
  uploadId: z.string(),
  fileName: z.string(),
  contentType: z.string(),
  bytes: z.int(),
  askedAt: z.string().describe('RFC 3339'),
  state: z
    .enum(['waiting', 'shown', 'replaced', 'rejected'])
    .describe('replaced: a later photo of the product is shown'),
  rejection: z
    .object({ reason: rejectionReason, detail: z.string().describe('for people') })
    .optional()
    .describe('of a rejected one'),
});
const uploadPosition = z.object({ position: z.int() });

const uploadBodyOf = (upload: UploadRecord): z.infer<typeof uploadJson> => ({
  ...upload,
  askedAt: upload.askedAt.toISOString(),
});

export interface UploadParts {
  readonly catalogue: Catalogue;
  readonly uploads: PhotoUploads;
  readonly uploadLog: UploadLog;
}

/** `POST` and `GET /products/:productId/uploads`. */
export const uploadRoutes = (parts: UploadParts): Route[] => [signUpload(parts), listUploads(parts)];

/** Without an Idempotency-Key: a signed URL must not lie in a table, and a second one of the same file does no harm. */
const signUpload = ({ catalogue, uploads, uploadLog }: UploadParts): Route =>
  route(
    {
      method: 'POST',
      url: '/products/:productId/uploads',
      access: 'admin',
      summary: 'A signed URL for one photo of exactly this type and length',
      params: productParams,
      body: uploadBody,
      answers: { 201: signedJson },
      problems: [404, 413, 415],
    },
    async ({ params: { productId }, body }) => {
      const { contentType, bytes } = body;
      if (!(await catalogue.find(productId))) throw productUnknown();
      const uploadId = randomUUID();
      const decision = decideUpload(productId, body, uploadId);
      if ('refusal' in decision) throw uploadProblem(decision.refusal);
      const url = await uploads.sign(decision.key, contentType, bytes);
      // Before the URL is handed out: no event about the photo can come sooner.
      await uploadLog.record({ uploadId, productId, key: decision.key, ...body });
      const headers = { 'content-type': contentType };
      return { status: 201, body: { uploadId, method: 'PUT', url, headers, expiresInS: UPLOAD_EXPIRY_S } };
    },
  );

const listUploads = ({ catalogue, uploadLog }: UploadParts): Route =>
  route(
    {
      method: 'GET',
      url: '/products/:productId/uploads',
      access: 'admin',
      summary: 'The photos that were sent for a product and what became of each, the latest first',
      params: productParams,
      query: pageQuery,
      answers: { 200: cursorPage(uploadJson) },
      problems: [404],
    },
    async ({ params: { productId }, query: { limit, cursor } }) => {
      if (!(await catalogue.find(productId))) throw productUnknown();
      const after = decodeCursor(cursor, uploadPosition);
      const rows = await uploadLog.list(productId, { after, limit });
      return { status: 200, body: pageOf(rows, limit, ({ position }) => ({ position }), uploadBodyOf) };
    },
  );

const UPLOAD_PROBLEMS: Readonly<Record<UploadRefusal, readonly [status: number, detail: string]>> = {
  'type-not-allowed': [415, 'Send a JPEG, PNG, WebP, AVIF or GIF, and a file name that ends so.'],
  'type-mismatch': [415, 'The content type is not the one of the file name’s ending.'],
  'too-many-bytes': [413, `A photo may have ${UPLOAD_BYTES_MAX / 1_048_576} MiB.`],
};
const uploadProblem = (refusal: UploadRefusal): Problem => {
  const [status, detail] = UPLOAD_PROBLEMS[refusal];
  return new Problem(status, refusal, detail);
};
