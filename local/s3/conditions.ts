// Conditional writes as S3 does them: `If-None-Match: *`, `If-Match`, and the copy's conditions on its source. Decided in
// the same tick in which fauxqs stores the object, so of two racing writers exactly one wins.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type S3Fault, sendFault } from './faults.ts';
import type { S3Store } from './fauxqs-stores.ts';
import { isObjectWrite, objectOf } from './request.ts';

/** Installs the conditions. */
export function useConditions(app: FastifyInstance, store: S3Store): void {
  app.addHook('preHandler', (request, reply, done) => {
    const fault = isObjectWrite(request) ? faultOf(request, store) : undefined;
    if (!fault) return done();
    sendFault(reply, fault);
  });
}

function faultOf(request: FastifyRequest, store: S3Store): S3Fault | undefined {
  const { bucket, key } = objectOf(request);
  const { 'if-none-match': noneMatch, 'if-match': match } = request.headers;
  const eTag = eTagOf(store, bucket, key);
  if (noneMatch !== undefined && noneMatch !== '*') return NOT_IMPLEMENTED;
  if (noneMatch === '*' && eTag !== undefined) return failed('If-None-Match');
  if (match !== undefined && eTag === undefined) return NO_SUCH_KEY;
  if (match !== undefined && !isSameTag(match, eTag)) return failed('If-Match');
  return sourceFault(request, store);
}

function sourceFault({ headers }: FastifyRequest, store: S3Store): S3Fault | undefined {
  const source = headers['x-amz-copy-source'];
  if (typeof source !== 'string') return undefined;
  const [bucket = '', ...key] = decodeURIComponent(source).replace(/^\//, '').split('/');
  const eTag = eTagOf(store, bucket, key.join('/'));
  const match = headers['x-amz-copy-source-if-match'];
  const noneMatch = headers['x-amz-copy-source-if-none-match'];
  // A missing source is fauxqs' to report.
  if (eTag === undefined) return undefined;
  if (typeof match === 'string' && !isSameTag(match, eTag)) return failed('x-amz-copy-source-If-Match');
  if (typeof noneMatch === 'string' && isSameTag(noneMatch, eTag)) {
    return failed('x-amz-copy-source-If-None-Match');
  }
  return undefined;
}

function eTagOf(store: S3Store, bucket: string, key: string): string | undefined {
  try {
    return store.headObject(bucket, key).etag;
  } catch {
    return undefined;
  }
}

/** Clients send tags with and without quotes. */
const isSameTag = (given: string, eTag: string | undefined): boolean =>
  given === '*' || given.replaceAll('"', '') === eTag?.replaceAll('"', '');

const failed = (condition: string): S3Fault => ({
  status: 412,
  code: 'PreconditionFailed',
  message: 'At least one of the pre-conditions you specified did not hold',
  facts: { Condition: condition },
});

const NO_SUCH_KEY: S3Fault = {
  status: 404,
  code: 'NoSuchKey',
  message: 'The specified key does not exist.',
};

/** S3 takes no other value on a write. */
const NOT_IMPLEMENTED: S3Fault = {
  status: 501,
  code: 'NotImplemented',
  message: 'A header you provided implies functionality that is not implemented',
  facts: { Header: 'If-None-Match' },
};
