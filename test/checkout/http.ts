// Requests as a patient customer's app makes them: a request that may have failed is sent again, with the same key.
import { setTimeout as sleep } from 'node:timers/promises';

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly token: string;
  readonly key?: string;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const ANSWER_MS_MAX = 8_000;
const AGAIN_AFTER_MS = 400;
const PATIENCE_MS = 120_000;

/** Asks once. @throws the connection's error, or when there is no answer in time */
export async function ask({ method = 'GET', url, token, key, body }: Ask): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(key ? { 'idempotency-key': key } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
  const text = await response.text();
  return { status: response.status, body: text ? (JSON.parse(text) as Answer['body']) : {} };
}

/** Asks until there is an answer that another try would not change. @throws when there is none for two minutes */
export async function askUntilAnswered(request: Ask): Promise<Answer> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask(request).catch((error: unknown) => String(error));
    if (typeof answer !== 'string' && !isPassing(answer)) return answer;
    if (performance.now() > deadline) {
      const last = typeof answer === 'string' ? answer : JSON.stringify(answer);
      throw new Error(
        `${request.method} ${request.url}: no answer in ${PATIENCE_MS} ms; the last was ${last}`,
      );
    }
    await sleep(AGAIN_AFTER_MS);
  }
}

const isPassing = ({ status, body }: Answer): boolean =>
  status >= 500 || status === 429 || (status === 409 && body.code === 'request-in-progress');
