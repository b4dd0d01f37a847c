// Google Cloud Storage, or a server in its place: the client, and the whole content of an object.
import { setTimeout as sleep } from 'node:timers/promises';
import { Storage } from '@google-cloud/storage';
import { backoffMs } from './backoff.ts';
import { AppError, messageOf } from './errors.ts';
import type { GoogleLogin } from './google-identity.ts';

export interface GcsOptions {
  readonly projectId: string;
  /** A server other than Google's, which then asks for no credentials. */
  readonly endpoint?: string | undefined;
  /** @default those that the client finds in its environment */
  readonly login?: GoogleLogin | undefined;
  /** How often the client repeats a request that it may repeat. */
  readonly retryCountMax: number;
  /** How long one call may take, repeats included. */
  readonly totalTimeoutS: number;
}

/** A client of Google's storage; it reads no credentials where a stand-in answers in place of Google. */
export function createGcs(options: GcsOptions): Storage {
  const { projectId, endpoint, login, retryCountMax, totalTimeoutS } = options;
  return new Storage({
    projectId,
    retryOptions: { maxRetries: retryCountMax, totalTimeout: totalTimeoutS },
    ...(login ? { authClient: login } : {}),
    ...(endpoint ? { apiEndpoint: endpoint, useAuthWithCustomEndpoint: false } : {}),
  });
}

const READ_TIMEOUT_MS = 30_000;
const RETRY_COUNT_MAX = 3;
const NOT_FOUND = 404;

/**
 * An object's content, undefined when there is none. Read without the client's download stream, which, met by an error
 * answer, rejects where nobody can catch it and ends the process (docs/gotchas.md).
 *
 * @throws AppError `gcs-read-failed` after three repeats of a failure that may pass, or at once of one that will not
 */
export async function readObject(gcs: Storage, bucket: string, name: string): Promise<string | undefined> {
  const url = `${gcs.apiEndpoint}/storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(name)}?alt=media`;
  for (let attempt = 0; ; attempt += 1) {
    const answer = await request(gcs, url);
    if (answer.status === NOT_FOUND) return undefined;
    if (answer.text !== undefined) return answer.text;
    if (!answer.mayPass || attempt >= RETRY_COUNT_MAX) {
      throw new AppError('gcs-read-failed', `gs://${bucket}/${name} cannot be read: ${answer.why}`);
    }
    await sleep(backoffMs(attempt));
  }
}

interface Answer {
  readonly status?: number;
  readonly text?: string;
  readonly why?: string;
  readonly mayPass?: boolean;
}

async function request(gcs: Storage, url: string): Promise<Answer> {
  const headers = gcs.customEndpoint ? {} : await gcs.authClient.getRequestHeaders(url);
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(READ_TIMEOUT_MS) });
    const { status } = response;
    // The body is read in any case: an unread one keeps its connection.
    const text = await response.text();
    if (response.ok) return { status, text };
    return { status, why: `HTTP ${status}`, mayPass: status === 408 || status === 429 || status >= 500 };
  } catch (error) {
    return { why: messageOf(error), mayPass: true };
  }
}
