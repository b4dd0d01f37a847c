// CRC32C and MD5 of contents, in base64 as Cloud Storage writes them.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { invalid } from './fault.ts';

export interface Checksums {
  readonly bytes: number;
  readonly md5: string;
  readonly crc32c: string;
}

/** What a client says of its content; undefined where it says nothing. */
export interface ExpectedChecksums {
  readonly md5?: string | undefined;
  readonly crc32c?: string | undefined;
}

/** Castagnoli's polynomial, bits reversed (RFC 3720 appendix B.4). */
const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** Reads the file once. */
export async function checksumsOf(path: string): Promise<Checksums> {
  const md5 = createHash('md5');
  let crc = 0xffffffff;
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 }) as AsyncIterable<Buffer>) {
    md5.update(chunk);
    bytes += chunk.length;
    for (const byte of chunk) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  }
  const bigEndian = Buffer.alloc(4);
  bigEndian.writeUInt32BE(~crc >>> 0);
  return { bytes, md5: md5.digest('base64'), crc32c: bigEndian.toString('base64') };
}

/** @throws GcsFault 400 when the content is not what the client says it sent */
export function verifyChecksums(found: Checksums, expected: ExpectedChecksums): void {
  for (const name of ['md5', 'crc32c'] as const) {
    if (expected[name] === undefined || expected[name] === found[name]) continue;
    const sent = `Provided ${name} hash "${expected[name]}"`;
    throw invalid(`${sent} doesn't match calculated ${name} hash "${found[name]}".`);
  }
}

/** Reads `X-Goog-Hash: crc32c=…,md5=…`. */
export function checksumsOfHeader(header: string | string[] | undefined): ExpectedChecksums {
  const pairs = String(header ?? '')
    .split(',')
    .map((pair) => /^\s*(crc32c|md5)=(\S+)/.exec(pair))
    .filter((match) => match !== null)
    .map(([, name, value]) => [name, value]);
  return Object.fromEntries(pairs) as ExpectedChecksums;
}
