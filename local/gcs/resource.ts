// The JSON resources of buckets and objects. Pure.
import { createHash } from 'node:crypto';

export interface BucketResource {
  readonly kind: 'storage#bucket';
  readonly id: string;
  readonly name: string;
  readonly timeCreated: string;
  readonly updated: string;
  readonly metageneration: '1';
  readonly location: string;
  readonly storageClass: string;
  readonly etag: string;
}

export interface ObjectResource {
  readonly kind: 'storage#object';
  readonly id: string;
  readonly bucket: string;
  readonly name: string;
  /** Microseconds, and growing with every write. */
  readonly generation: string;
  readonly metageneration: '1';
  readonly size: string;
  readonly crc32c: string;
  readonly md5Hash: string;
  readonly etag: string;
  readonly timeCreated: string;
  readonly updated: string;
  readonly contentType: string;
  readonly storageClass: string;
}

export function bucketResource(name: string): BucketResource {
  const now = new Date().toISOString();
  return {
    kind: 'storage#bucket',
    id: name,
    name,
    timeCreated: now,
    updated: now,
    metageneration: '1',
    location: 'EUROPE-WEST3',
    storageClass: 'STANDARD',
    etag: 'CAE=',
  };
}

export interface NewObject {
  readonly bucket: string;
  readonly name: string;
  readonly contentType: string;
  readonly content: Buffer;
  /** Of the content. */
  readonly checksums: Checksums;
}

/** In base64, as Cloud Storage writes them: the client deletes what it uploaded when they are not its own. */
export interface Checksums {
  readonly crc32c: string;
  readonly md5Hash: string;
}

export const checksumsOf = (content: Buffer): Checksums => ({
  crc32c: crc32cOf(content),
  md5Hash: createHash('md5').update(content).digest('base64'),
});

export function objectResource(
  { bucket, name, contentType, content, checksums }: NewObject,
  generation: string,
): ObjectResource {
  const now = new Date().toISOString();
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${generation}`,
    bucket,
    name,
    generation,
    metageneration: '1',
    contentType,
    size: String(content.length),
    ...checksums,
    etag: Buffer.from(generation).toString('base64'),
    timeCreated: now,
    updated: now,
    storageClass: 'STANDARD',
  };
}

/** Castagnoli's polynomial, bits reversed (RFC 3720 appendix B.4). */
const POLYNOMIAL = 0x82f63b78;

function crc32cOf(content: Buffer): string {
  let crc = 0xffffffff;
  for (const byte of content) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  }
  const bigEndian = Buffer.alloc(4);
  bigEndian.writeUInt32BE(~crc >>> 0);
  return bigEndian.toString('base64');
}
