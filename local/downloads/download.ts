// Downloads a file with a known checksum to its path, or fails and leaves nothing there. A download that was cut continues where it
// stopped, at once or in the next run; a file with another checksum is deleted.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, type KnownFile, notFetched, notTheKnownFile, RefusedByServer } from './origin.ts';
import { type Delivery, openAddress } from './web.ts';

/** How much has come, of how much if that is known. */
export type OnBytes = (doneBytes: number, totalBytes: number | undefined) => void;

/** Tries that bring nothing new. */
const FRUITLESS_MAX = 3;
const RETRY_MS = 300;

/**
 * Fetches the file. One process at a time must do so for a path: see `makeOnce`.
 * @throws AppError `download-unreachable`, `download-refused`, `checksum-wrong` or `disk-full`, as one sentence for a person
 */
export async function download(file: KnownFile, path: string, onBytes: OnBytes = () => {}): Promise<void> {
  const part = `${path}.part`;
  await mkdir(dirname(path), { recursive: true });
  const wasBegun = (await sizeOf(part)) > 0;
  await complete(file, part, onBytes);
  let found = await sha256Of(part);
  if (found !== file.sha256 && wasBegun) {
    // What an earlier run left may have been the bad half.
    await rm(part);
    await complete(file, part, onBytes);
    found = await sha256Of(part);
  }
  if (found !== file.sha256) {
    await rm(part);
    throw notTheKnownFile(file, found);
  }
  await rename(part, path);
}

/** The SHA-256 of a file, in hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Appends to the part until the server has no more. */
async function complete(file: KnownFile, part: string, onBytes: OnBytes): Promise<void> {
  for (let fruitless = 0; ; ) {
    const before = await sizeOf(part);
    if (file.bytes !== undefined && before >= file.bytes) return;
    try {
      await append(file, await openAddress(file.url, before), part, onBytes);
      return;
    } catch (error) {
      const grew = (await sizeOf(part)) > before;
      fruitless = grew ? 0 : fruitless + 1;
      if (fruitless >= FRUITLESS_MAX || isFinal(error)) throw notFetched(file, error);
      if (error instanceof RefusedByServer && error.status === 416) await rm(part, { force: true });
    }
    await sleep(RETRY_MS);
  }
}

async function append(file: KnownFile, delivery: Delivery, part: string, onBytes: OnBytes): Promise<void> {
  const { body, firstByte, totalBytes = file.bytes } = delivery;
  let done = firstByte;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, passOn) {
      done += chunk.length;
      onBytes(done, totalBytes);
      passOn(null, chunk);
    },
  });
  await pipeline(body, count, createWriteStream(part, { flags: firstByte > 0 ? 'a' : 'w' }));
  if (totalBytes !== undefined && done < totalBytes)
    throw new Error(`it ended after ${done} of ${totalBytes} bytes`);
}

/** What a moment changes nothing about. */
const FINAL_CODES = ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'ENOTFOUND', 'ECONNREFUSED'];
/** Answers that may be others in a moment; 416 says that the part reaches beyond the file. */
const PASSING_ANSWERS = [408, 416, 429];

function isFinal(error: unknown): boolean {
  if (error instanceof RefusedByServer) return error.status < 500 && !PASSING_ANSWERS.includes(error.status);
  return FINAL_CODES.includes(codeOf(error));
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
