// Refuses changes that another site asks for (CSRF). Browsers tell where a request comes from: Sec-Fetch-Site, and Origin where
// that is missing (https://cheatsheetseries.owasp.org, Cross-Site Request Forgery Prevention, read as the source of this rule).
import type { FastifyRequest } from 'fastify';
import { Problem } from '#runtime/http/problem.ts';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** @throws Problem 403 `foreign-origin` for a change that does not come from the shop's own pages */
export function assertSameOrigin(
  { method, headers }: Pick<FastifyRequest, 'method' | 'headers'>,
  origin: string,
): void {
  if (SAFE_METHODS.has(method)) return;
  const site = headers['sec-fetch-site'];
  const isOwnSite = site === undefined || site === 'same-origin';
  const isOwnOrigin = headers.origin === undefined ? site !== undefined : headers.origin === origin;
  if (isOwnSite && isOwnOrigin) return;
  throw new Problem(
    403,
    'foreign-origin',
    'This change was not asked for by a page of the shop. Open the page again and repeat it there.',
  );
}
