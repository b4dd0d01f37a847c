// Thousands of odd requests to every service, made of the document that is committed for it. The seed is fixed, so that a run
// can be repeated; `FUZZ_SEED=7 FUZZ_REQUESTS=500` looks elsewhere and longer.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Document } from '../contracts/openapi-rules.ts';
import { committedDocument } from '../contracts/service-documents.ts';
import { type Findings, runCampaign } from './campaign.ts';
import { heapMiB } from './heap.ts';
import { openService, type ServiceName, type WiredService } from './wired-services.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 2_411);
const REQUESTS_PER_OPERATION = Number(process.env.FUZZ_REQUESTS ?? 120);
const SERVICES: readonly ServiceName[] = ['cart', 'notification', 'order', 'payment', 'product', 'user'];

describe.each(SERVICES)('%s, asked oddly,', (name) => {
  let document: Document;
  let service: WiredService;
  let findings: Findings;
  let heapGrowthMiB: number;

  beforeAll(async () => {
    document = (await committedDocument(name)) as Document;
    service = await openService(name);
    const { server, customer, known } = service;
    const campaign = { document, server, customer, known };
    // Once before, so that what is compiled and cached for good is no growth.
    await runCampaign({ ...campaign, seed: SEED + 1, requestsPerOperation: 10 });
    const before = heapMiB();
    findings = await runCampaign({ ...campaign, seed: SEED, requestsPerOperation: REQUESTS_PER_OPERATION });
    heapGrowthMiB = heapMiB() - before;
    if (process.env.FUZZ_SEED)
      console.log(name, findings.sentCount, findings.medianMs, heapGrowthMiB, findings.countByStatus);
  });
  afterAll(() => service?.close());

  it('keeps to its document, fails by problems, tells nothing of its insides and is never slow', () => {
    expect({ faults: [...findings.faults], logged: service.errors.slice(0, 5) }).toEqual({
      faults: [],
      logged: [],
    });
  });

  it('lets enough of the requests through that handlers and tables were reached', () => {
    const passed = Object.entries(findings.countByStatus).filter(([status]) => status.startsWith('2'));
    const passedCount = passed.reduce((sum, [, count]) => sum + count, 0);
    expect(passedCount).toBeGreaterThan(findings.sentCount / 20);
  });

  it('keeps nothing of them in memory', () => {
    expect(heapGrowthMiB).toBeLessThan(48);
  });

  it('lives on, with every connection to its database given back', async () => {
    expect((await service.server.request('GET', '/livez')).status).toBe(200);
    const { totalCount, idleCount, waitingCount } = service.pool;
    expect({ busy: totalCount - idleCount, waitingCount }).toEqual({ busy: 0, waitingCount: 0 });
  });

  it('serves the document that is committed', async () => {
    expect((await service.server.request('GET', '/openapi.json')).body).toMatchObject({
      paths: document.paths,
    });
  });
});
