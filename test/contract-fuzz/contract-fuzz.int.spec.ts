// Thousands of odd requests to every service, made of the document that is committed for it. The seed is fixed, so that a run
// can be repeated; `FUZZ_SEED=7 FUZZ_REQUESTS=500` looks elsewhere and longer.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Document } from '../contracts/openapi-rules.ts';
import { committedDocument } from '../contracts/service-documents.ts';
import { type Findings, runCampaign } from './campaign.ts';
import { heapMiB } from './heap.ts';
import { tokensOf } from './tokens.ts';
import { openService, SERVICE_NAMES, type WiredService } from './wired-services.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 2_411);
const REQUESTS_PER_OPERATION = Number(process.env.FUZZ_REQUESTS ?? 120);
/** Enough that every connection to the database is open. */
const CROWD_BEFORE = 24;
/** What a run leaves is far less than a MiB; had it kept a hundredth of what it was sent, it would be more than this. */
const HEAP_GROWTH_MIB_MAX = 24;

describe.each(SERVICE_NAMES)('%s, asked oddly,', (name) => {
  let document: Document;
  let service: WiredService;
  let findings: Findings;
  let heapGrowthMiB: number;

  beforeAll(async () => {
    document = (await committedDocument(name)) as Document;
    service = await openService(name);
    const { server, known, customerId } = service;
    const sources = { known, ...(await tokensOf(server.issuer, customerId)) };
    const campaign = { document, address: server.address, sources };
    // Once before, so that what is compiled and cached once does not count as growth.
    await runCampaign({ ...campaign, seed: SEED - 1_000, requestsPerOperation: 10, crowd: CROWD_BEFORE });
    const before = heapMiB();
    findings = await runCampaign({ ...campaign, seed: SEED, requestsPerOperation: REQUESTS_PER_OPERATION });
    heapGrowthMiB = heapMiB() - before;
    if (process.env.FUZZ_SEED) console.log(name, { ...findings, faults: undefined, heapGrowthMiB });
  });
  afterAll(() => service?.close());

  it('keeps to its document, fails with problems, reveals nothing internal and is never slow', () => {
    const isFaulty = Object.keys(findings.faults).length > 0;
    const logged = isFaulty ? service.errors.slice(0, 5) : [];
    expect({ faults: findings.faults, logged }).toEqual({ faults: {}, logged: [] });
  });

  it('lets enough through that handlers and tables were reached', () => {
    const passed = Object.entries(findings.countByStatus).filter(([status]) => status.startsWith('2'));
    const passedCount = passed.reduce((sum, [, count]) => sum + count, 0);
    expect(passedCount).toBeGreaterThan(findings.sentCount / 20);
  });

  it('keeps nothing of it in memory', () => {
    expect(heapGrowthMiB).toBeLessThan(HEAP_GROWTH_MIB_MAX);
  });

  it('lives on, with every connection to its database given back', async () => {
    expect((await service.server.request('GET', '/livez')).status).toBe(200);
    const { totalCount, idleCount, waitingCount } = service.pool;
    expect({ busy: totalCount - idleCount, waitingCount }).toEqual({ busy: 0, waitingCount: 0 });
  });

  it('serves the document that is committed', async () => {
    const served = await service.server.request('GET', '/openapi.json');
    expect(served.body).toMatchObject({ paths: document.paths });
  });
});
