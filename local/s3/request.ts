// What a request to fauxqs is about, read the way fauxqs' own router reads it.
import type { FastifyRequest } from 'fastify';

export interface ObjectName {
  readonly bucket: string;
  /** Decoded; empty where the request is about the bucket itself. */
  readonly key: string;
}

export function objectOf(request: FastifyRequest): ObjectName {
  const { bucket = '', '*': key = '' } = (request.params ?? {}) as Record<string, string>;
  return { bucket, key };
}

export const queryOf = (request: FastifyRequest): Readonly<Record<string, string>> =>
  (request.query ?? {}) as Record<string, string>;

/** How an object comes to be, in the words of S3's events; undefined for every other request. */
export function creationOf(request: FastifyRequest): 'Put' | 'Copy' | 'CompleteMultipartUpload' | undefined {
  const query = queryOf(request);
  if (!objectOf(request).key) return undefined;
  if (request.method === 'POST') return query.uploadId ? 'CompleteMultipartUpload' : undefined;
  if (request.method !== 'PUT' || query.partNumber || 'renameObject' in query) return undefined;
  return request.headers['x-amz-copy-source'] === undefined ? 'Put' : 'Copy';
}

/** True for the requests that store a whole object. */
export const isObjectWrite = (request: FastifyRequest): boolean => creationOf(request) !== undefined;
