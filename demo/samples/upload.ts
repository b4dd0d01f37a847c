// One photo to the console: a signed URL for it, then the file. A server that is away is asked again; a refusal is reported.
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, messageOf } from '#runtime/errors.ts';
import type { SamplePhoto } from '../sample-photos.ts';

const ATTEMPTS_MAX = 30;
const PAUSE_MS = 1_000;
const ANSWER_MS_MAX = 30_000;

/** What the console answers to a request for an upload. */
interface SignedUpload {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Returns what came of it, for people: `412 KB uploaded`.
 * @throws AppError `console-silent` when the console or S3 stay away for half a minute
 */
export async function uploadPhoto(
  consoleUrl: string,
  photo: SamplePhoto,
  say: (line: string) => void,
): Promise<string> {
  const body = await photo.draw();
  for (let attempt = 1; ; attempt += 1) {
    try {
      const fault = await upload(consoleUrl, photo, body);
      return fault ?? `${sizeOf(body.length)} uploaded`;
    } catch (error) {
      if (attempt === 1) say(`${consoleUrl} does not take photos now (${messageOf(error)}); trying again`);
      if (attempt === ATTEMPTS_MAX) {
        const what = `${consoleUrl} does not take photos; is the platform running (npm start)?`;
        throw new AppError('console-silent', what, {}, error);
      }
      await sleep(PAUSE_MS);
    }
  }
}

/** Undefined when it was taken, else the refusal; throws where another try may help. */
async function upload(consoleUrl: string, photo: SamplePhoto, body: Buffer): Promise<string | undefined> {
  const { fileName, contentType } = photo;
  const asked = await fetch(`${consoleUrl}/api/uploads`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fileName, contentType, bytes: body.length }),
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
  if (asked.status >= 500) throw new AppError('console-failed', `HTTP ${asked.status}`);
  if (!asked.ok) return `refused: ${((await asked.json()) as { detail?: string }).detail ?? asked.status}`;
  const { method, url, headers } = (await asked.json()) as SignedUpload;
  const signal = AbortSignal.timeout(ANSWER_MS_MAX);
  const put = await fetch(url, { method, headers, body: new Uint8Array(body), signal });
  await put.arrayBuffer();
  if (!put.ok) throw new AppError('upload-failed', `S3 answered HTTP ${put.status}`);
  return undefined;
}

const sizeOf = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
