import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AppError } from './errors.ts';
import { type Found, keepingVerdict, readVerdict } from './kept-verdict.ts';

const FOUND: Found = { outcome: 'equal', words: 'all', pendingCount: 0, differences: [], findings: [] };
let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'verdict-')), 'made/when/needed');
  process.env.RECONCILE_FOLDER = folder;
});
afterEach(() => {
  rmSync(join(folder, '../../..'), { recursive: true });
  delete process.env.RECONCILE_FOLDER;
});

describe('a verdict', () => {
  it('is kept beside the result, which is the caller’s', async () => {
    expect(
      await keepingVerdict(
        'orders',
        async () => 17,
        () => FOUND,
      ),
    ).toBe(17);
    expect(await readVerdict(folder, 'orders')).toMatchObject({
      outcome: 'equal',
      words: 'all',
      differenceCount: 0,
      startedAt: expect.any(String),
      endedAt: expect.any(String),
    });
    expect(await readVerdict(folder, 'counts')).toBeUndefined();
  });

  it('replaces the one before, and leaves nothing else in the folder', async () => {
    await keepingVerdict(
      'orders',
      async () => 1,
      () => FOUND,
    );
    await keepingVerdict(
      'orders',
      async () => 2,
      () => ({ ...FOUND, words: 'more' }),
    );
    expect((await readVerdict(folder, 'orders'))!.words).toBe('more');
    expect(readdirSync(folder)).toEqual(['orders.json']);
  });

  it('that could not be found says why, and the failure is the caller’s', async () => {
    const failing = keepingVerdict(
      'counts',
      () => Promise.reject(new AppError('away', 'Kafka is away')),
      () => FOUND,
    );
    await expect(failing).rejects.toThrow('Kafka is away');
    expect(await readVerdict(folder, 'counts')).toMatchObject({
      outcome: 'could-not-look',
      words: 'Kafka is away',
    });
  });

  it('counts all differences and shows the first, each bounded, before what is on its way', async () => {
    const finding = (what: string) => ({ where: 'w', key: 'k', what });
    const differences = Array.from({ length: 70 }, () => finding('x'.repeat(5_000)));
    const found: Found = { ...FOUND, outcome: 'different', differences, findings: [finding('on its way')] };
    await keepingVerdict(
      'counts',
      async () => 1,
      () => found,
    );
    const { differenceCount, findings } = (await readVerdict(folder, 'counts'))!;
    expect([differenceCount, findings.length, findings[0]!.what.length]).toEqual([70, 50, 1_000]);
    await keepingVerdict(
      'counts',
      async () => 1,
      () => ({ ...found, differences: differences.slice(0, 1) }),
    );
    expect((await readVerdict(folder, 'counts'))!.findings.map(({ what }) => what.slice(0, 9))).toEqual([
      'xxxxxxxxx',
      'on its wa',
    ]);
  });

  it('is not kept where no folder is named', async () => {
    delete process.env.RECONCILE_FOLDER;
    expect(
      await keepingVerdict(
        'orders',
        async () => 17,
        () => FOUND,
      ),
    ).toBe(17);
    expect(await readVerdict(folder, 'orders')).toBeUndefined();
  });
});
