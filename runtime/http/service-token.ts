// Calls from one service to another: our own token, a bounded wait, the trace of the cause, and one more try where that is
// harmless. In production the token is the projected one of our service account, which the kubelet renews in its file.
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { backoffMs } from '../backoff.ts';
import { AppError } from '../errors.ts';
import { startSpan } from '../spans.ts';

/** The token of the moment. */
export type TokenSource = () => Promise<string>;

/** The kubelet renews at 80 % of a token's life; whatever is nearer to its end than this is read again. */
const FRESH_MS = 60_000;

/**
 * Reads the token from a file, and again when the file has changed or the token is near its end.
 * @throws AppError `service-token-unavailable` when there is no readable token in the file
 */
export function tokenFromFile(file: string): TokenSource {
  let known: { token: string; changedMs: number; expiresAtMs: number } | undefined;
  return async () => {
    try {
      const { mtimeMs: changedMs } = await stat(file);
      if (known?.changedMs === changedMs && known.expiresAtMs - FRESH_MS > Date.now()) return known.token;
      const token = (await readFile(file, 'utf8')).trim();
      known = { token, changedMs, expiresAtMs: (decodeJwt(token).exp ?? 0) * 1_000 };
      return token;
    } catch (error) {
      // The library's message may quote the token.
      const { code } = error as { code?: string };
      throw new AppError(
        'service-token-unavailable',
        `${file} holds no readable token (${code ?? 'no code'})`,
      );
    }
  };
}

export interface ServiceCall {
  readonly token: TokenSource;
  /** @default GET */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  /** With a key a POST is tried again as a GET is. */
  readonly idempotencyKey?: string;
  /** For one try. @default 3_000 */
  readonly timeoutMs?: number;
}

export interface ServiceAnswer {
  readonly status: number;
  /** Parsed JSON, not yet checked: parse it with the schema of what you need. Undefined where there is none. */
  readonly body: unknown;
}

const TRIES = 3;
const PAUSE_MS = 100;
const PAUSE_MS_MAX = 2_000;

/**
 * Calls another service. Answers of every status but 503 and 429 come back as they are; those, connections that break and
 * time-outs are tried three times where repeating is harmless.
 * @throws AppError `service-unavailable` when there was no answer; its message names the host, never path or body
 */
export async function callService(url: string, call: ServiceCall): Promise<ServiceAnswer> {
  const { method = 'GET', idempotencyKey } = call;
  const isRepeatable = method === 'GET' || method === 'PUT' || idempotencyKey !== undefined;
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt === TRIES || !isRepeatable;
    try {
      const response = await ask(url, method, call);
      const isBusy = response.status === 503 || response.status === 429;
      if (!isBusy || isLast) return await answerOf(response);
      await response.body?.cancel();
      await sleep(pauseMs(attempt, response.headers.get('retry-after')));
    } catch (error) {
      if (error instanceof AppError) throw error;
      if (isLast) throw unavailable(url, error);
      await sleep(pauseMs(attempt, null));
    }
  }
}

/** One try, as a span. */
async function ask(url: string, method: string, call: ServiceCall): Promise<Response> {
  // The path may hold a person's id.
  const { host, hostname, port } = new URL(url);
  const attributes = {
    'http.request.method': method,
    'server.address': hostname,
    ...(port && { 'server.port': Number(port) }),
  };
  const span = startSpan(`${method} ${host}`, { kind: 'client', attributes });
  try {
    const response = await fetch(url, await initOf(method, call, span.traceparent));
    const { status } = response;
    const failure = status >= 500 ? new Error('answered with 5xx') : undefined;
    span.end({ 'http.response.status_code': status }, failure);
    return response;
  } catch (error) {
    span.end({}, error);
    throw error;
  }
}

async function initOf(method: string, call: ServiceCall, traceparent: string): Promise<RequestInit> {
  const { body, idempotencyKey, timeoutMs = 3_000 } = call;
  return {
    method,
    // A redirect would carry our token to wherever it points.
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      authorization: `Bearer ${await call.token()}`,
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      traceparent,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
}

async function answerOf(response: Response): Promise<ServiceAnswer> {
  const text = await response.text();
  const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, body: isJson && text ? JSON.parse(text) : undefined };
}

/** Never less than the server asks for, within reason. */
function pauseMs(attempt: number, retryAfter: string | null): number {
  const own = backoffMs(attempt, PAUSE_MS, PAUSE_MS_MAX);
  const asked = Number(retryAfter) * 1_000;
  return Math.min(Math.max(own, Number.isFinite(asked) ? asked : 0), PAUSE_MS_MAX);
}

function unavailable(url: string, error: unknown): AppError {
  const { host } = new URL(url);
  // The name of the error, not its message: that may quote what was sent.
  const { cause, name } = error as { cause?: { code?: string }; name?: string };
  const reason = cause?.code ?? name ?? 'unknown';
  return new AppError('service-unavailable', `${host} gave no answer: ${reason}`, { host, reason });
}
