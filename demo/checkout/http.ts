// A request of the demo, and its JSON answer.
import { AppError } from '#runtime/errors.ts';

export interface DemoRequest {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @throws AppError `demo-refused` with what the service said, when it does not answer with success */
export async function ask<Answer>(url: string, request: DemoRequest = {}): Promise<Answer> {
  const { method = 'GET', body, headers = {} } = request;
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok)
    throw new AppError(
      'demo-refused',
      `${method} ${new URL(url).pathname} was answered ${response.status}: ${text}`,
    );
  return (text ? JSON.parse(text) : undefined) as Answer;
}
