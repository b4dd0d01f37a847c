// Photos of products: a description of a file in, a signed URL for exactly that file out. What becomes of the photo comes back as
// events.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { UPLOAD_BYTES_MAX } from '#contracts/images.ts';
import { Problem, type Route, route } from '#runtime/http/api.ts';
import { productParams, productUnknown } from '../catalogue-routes.ts';
import type { Catalogue } from '../domain.ts';
import { decideUpload, type PhotoUploads, UPLOAD_EXPIRY_S, type UploadRefusal } from './domain.ts';

const uploadBody = z.object({
  fileName: z.string().min(1).max(255),
  contentType: z.string().max(100),
  bytes: z.int().positive(),
});
const uploadJson = z.object({
  method: z.literal('PUT'),
  url: z.string(),
  headers: z.object({ 'content-type': z.string() }),
  expiresInS: z.int(),
});

/**
 * `POST /products/:productId/uploads`. Without an Idempotency-Key: it writes nothing, and a signed URL must not lie in a table.
 */
export const uploadRoutes = (catalogue: Catalogue, uploads: PhotoUploads): Route[] => [
  route(
    {
      method: 'POST',
      url: '/products/:productId/uploads',
      access: 'admin',
      summary: 'A signed URL for one photo of exactly this type and length',
      params: productParams,
      body: uploadBody,
      answers: { 201: uploadJson },
      problems: [404, 413, 415],
    },
    async ({ params: { productId }, body }) => {
      const { contentType, bytes } = body;
      if (!(await catalogue.find(productId))) throw productUnknown();
      const decision = decideUpload(productId, body, randomUUID());
      if ('refusal' in decision) throw uploadProblem(decision.refusal);
      const url = await uploads.sign(decision.key, contentType, bytes);
      const headers = { 'content-type': contentType };
      return { status: 201, body: { method: 'PUT', url, headers, expiresInS: UPLOAD_EXPIRY_S } };
    },
  ),
];

const UPLOAD_PROBLEMS: Readonly<Record<UploadRefusal, readonly [status: number, detail: string]>> = {
  'type-not-allowed': [415, 'Send a JPEG, PNG, WebP, AVIF or GIF, and a file name that ends so.'],
  'type-mismatch': [415, 'The content type is not the one of the file name’s ending.'],
  'too-many-bytes': [413, `A photo may have ${UPLOAD_BYTES_MAX / 1_048_576} MiB.`],
};
const uploadProblem = (refusal: UploadRefusal): Problem => {
  const [status, detail] = UPLOAD_PROBLEMS[refusal];
  return new Problem(status, refusal, detail);
};
