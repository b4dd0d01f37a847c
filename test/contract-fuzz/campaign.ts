// A service under fire: a document and a seed in, requests sent a few at a time, everything found out.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { Caller } from '#runtime/api.ts';
import { type Document, operationsOf } from '../contracts/openapi-rules.ts';
import type { SpecServer } from '../serve.ts';
import { type RawRequest, type RequestSources, requestsTo } from './odd-requests.ts';
import { judgeBy } from './verdict.ts';
import { openWire, type Wire } from './wire.ts';

export interface Campaign {
  readonly document: Document;
  readonly server: SpecServer;
  readonly customer: Caller;
  readonly known: readonly string[];
  readonly seed: number;
  readonly requestsPerOperation: number;
}

export interface Findings {
  /** What is wrong with the first request that showed it, by operation and fault. */
  readonly faults: ReadonlyMap<string, string>;
  readonly sentCount: number;
  readonly countByStatus: Readonly<Record<number, number>>;
  readonly medianMs: number;
}

const CONCURRENT = 8;

/**
 * An answer is slow when it takes both: 50 times the median of its service, so that a slow machine changes nothing, and two
 * seconds, so that a pause of the collector or of the disk does not count where the median is a millisecond. And then once more
 * when it is asked alone: what the machine did to it does not come twice, what a regular expression does comes every time.
 */
const SLOW_MEDIANS = 50;
const SLOW_MS = 2_000;

/** Sends the requests of a seed to every operation of a document. */
export async function runCampaign(campaign: Campaign): Promise<Findings> {
  const { document, server, seed } = campaign;
  const sources = await sourcesOf(campaign);
  const judge = judgeBy(document);
  const wire = openWire(server.address, CONCURRENT);
  const faults = new Map<string, string>();
  const countByStatus: Record<number, number> = {};
  const times: { elapsedMs: number; name: string; sent: RawRequest }[] = [];
  const note = (name: string, fault: string, sent: RawRequest) => {
    const key = `${name}: ${fault}`;
    if (!faults.has(key)) faults.set(key, shown(sent, sources));
  };
  try {
    for (const placed of operationsOf(document)) {
      const name = `${placed.method.toUpperCase()} ${placed.path}`;
      const requests = fc.sample(requestsTo(placed, sources), {
        seed,
        numRuns: campaign.requestsPerOperation,
      });
      await inParallel(requests, async (sent) => {
        const answer = await wire.send(sent);
        if ('broken' in answer) return note(name, `no answer: ${answer.broken}`, sent);
        countByStatus[answer.status] = (countByStatus[answer.status] ?? 0) + 1;
        times.push({ elapsedMs: answer.elapsedMs, name, sent });
        for (const fault of judge(sent, answer)) note(name, fault, sent);
        const isBad = sources.badTokens.includes(sent.headers.authorization ?? '');
        if (isBad && answer.status < 300 && placed.operation.security?.length && sent.method !== 'OPTIONS') {
          note(name, 'let a bad token in', sent);
        }
      });
    }
    const medianMs = times.map((one) => one.elapsedMs).toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
    const limitMs = Math.max(SLOW_MS, SLOW_MEDIANS * medianMs);
    for (const { name, sent, elapsedMs } of times) {
      if (elapsedMs > limitMs && (await isSlowAlone(wire, sent, limitMs))) note(name, 'is slow', sent);
    }
    return { faults, sentCount: times.length, countByStatus, medianMs };
  } finally {
    wire.close();
  }
}

async function isSlowAlone(wire: Wire, sent: RawRequest, limitMs: number): Promise<boolean> {
  const answer = await wire.send(sent);
  return 'broken' in answer || answer.elapsedMs > limitMs;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: CONCURRENT }, async () => {
      for (const item of left) await work(item);
    }),
  );
}

/** A request as a person can repeat it; of long texts the beginning and the length. */
function shown({ method, target, headers, body }: RawRequest, sources: RequestSources): string {
  const { authorization, ...others } = headers;
  const cut = (text: string) => (text.length > 300 ? `${text.slice(0, 300)}… (${text.length})` : text);
  const bad = sources.badTokens.indexOf(authorization ?? '');
  const sender = bad >= 0 ? ` with bad token ${bad}` : authorization ? ' with a token' : '';
  return `${method} ${cut(target)}${sender} ${cut(JSON.stringify(others))} ${cut(JSON.stringify(body?.toString() ?? ''))}`;
}

async function sourcesOf({ server: { issuer }, customer, known }: Campaign): Promise<RequestSources> {
  const admin = { kind: 'user', userId: 'fuzz-admin', role: 'admin' } as const;
  const service = { kind: 'service', name: 'notification' } as const;
  const { TOKEN_ISSUER: iss, TOKEN_AUDIENCE: aud } = issuer.settings;
  const claims = { iss, aud, sub: 'fuzz-admin', role: 'admin' };
  const bearer = (token: string) => `Bearer ${token}`;
  const passing = [admin, admin, customer as typeof admin, service];
  const forged = await Promise.all([
    issuer.forge({ ...claims, exp: 1 }),
    issuer.forge({ ...claims, aud: 'others' }),
    issuer.forge({ ...claims, iss: 'others' }),
    issuer.forge({ ...claims, role: 'root' }),
    issuer.forge({ ...claims, sub: 'a\0b' }),
    issuer.forge({ ...claims, sub: '' }),
    issuer.forge({ ...claims, sub: 'x'.repeat(5_000) }),
    issuer.forge(claims, { kid: 'unknown' }),
    issuer.forge({ ...claims, nbf: 9_999_999_999 }),
  ]);
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
  return {
    known,
    tokens: (await Promise.all(passing.map((caller) => issuer.tokenFor(caller)))).map(bearer),
    badTokens: [
      ...forged.map(bearer),
      bearer(unsigned),
      bearer(randomBytes(6_000).toString('base64url')),
      'Bearer',
      'Bearer  ',
      'Bearer a.b.c',
      'Bearer \u00ff.\u00fe.\u00fd',
      'Basic YTpi',
      'bearer x y',
    ],
  };
}
