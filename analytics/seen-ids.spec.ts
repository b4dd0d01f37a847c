import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashId, type IdHash, PackedIds, SeenIds } from './seen-ids.ts';

const hashOf = (id: string, source = '/images'): IdHash => {
  const hash = { high: 0, low: 0 };
  hashId(source, id, hash);
  return hash;
};
const add = (seen: SeenIds, id: string): boolean => {
  const { high, low } = hashOf(id);
  return seen.add(high, low);
};

describe('seen ids', () => {
  it('counts an id once within the horizon and again beyond it, exactly as a list of the last N accepted ids says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 400 }),
        (max, ids) => {
          const seen = new SeenIds(max);
          const last: number[] = [];
          for (const id of ids) {
            const isNew = !last.slice(-max).includes(id);
            expect(add(seen, `id-${id}`)).toBe(isNew);
            if (isNew) last.push(id);
          }
          expect(seen.size).toBe(Math.min(max, last.length));
        },
      ),
    );
  });

  it.each([1_023, 1_024, 1_025, 3_000])('holds to that while it grows to a horizon of %i ids', (max) => {
    const seen = new SeenIds(max);
    const count = 2 * max + 100;
    for (let id = 0; id < count; id += 1) expect(add(seen, `id-${id}`)).toBe(true);
    expect(seen.size).toBe(max);
    for (let id = count - max; id < count; id += 1) expect(add(seen, `id-${id}`)).toBe(false);
    expect(add(seen, `id-${count - max - 1}`)).toBe(true);
    // It has taken the place of the oldest.
    expect(add(seen, `id-${count - max}`)).toBe(true);
  });

  it('keeps its answers when colliding slots are removed from the middle of a run', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 200 }),
        (max, lows) => {
          const seen = new SeenIds(max);
          const last: string[] = [];
          for (const low of lows) {
            // Few distinct homes (0, 1, 2) for many ids: every run of slots is a collision run.
            const entry = [low, low % 3] as const;
            const key = entry.join();
            const isNew = !last.slice(-max).includes(key);
            expect(seen.add(entry[0] + 1, entry[1])).toBe(isNew);
            if (isNew) last.push(key);
          }
        },
      ),
    );
  });

  it('remembers the same ids after a reload from packed batches, wherever the batches were cut', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 300 }),
        fc.integer({ min: 1, max: 17 }),
        fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 100 }),
        (max, before, cut, after) => {
          const kept = new SeenIds(max);
          const batches: PackedIds[] = [];
          before.forEach((id, index) => {
            if (index % cut === 0) batches.push(new PackedIds());
            const { high, low } = hashOf(`id-${id}`);
            if (kept.add(high, low)) batches.at(-1)!.push(high, low);
          });
          const loaded = new SeenIds(max);
          for (const batch of newestHolding(batches, max)) loaded.load(batch.toBuffer());
          for (const id of after) expect(add(loaded, `id-${id}`)).toBe(add(kept, `id-${id}`));
        },
      ),
    );
  });

  it('gives a million ids that differ in a few digits different hashes', () => {
    const hashes = new Set<bigint>();
    for (let index = 0; index < 1_000_000; index += 1) {
      const { high, low } = hashOf(`photo-${index}`);
      hashes.add((BigInt(high) << 32n) | BigInt(low));
    }
    expect(hashes.size).toBe(1_000_000);
  });

  it('distinguishes the same id of two sources, and where a source ends', () => {
    expect(hashOf('1', '/a')).not.toEqual(hashOf('1', '/b'));
    expect(hashOf('bc', 'a')).not.toEqual(hashOf('c', 'ab'));
  });
});

/** What the database would load: the newest rows that together hold the horizon. */
function newestHolding(batches: readonly PackedIds[], idsMax: number): PackedIds[] {
  const newest: PackedIds[] = [];
  let held = 0;
  for (const batch of batches.toReversed()) {
    if (held >= idsMax) break;
    newest.unshift(batch);
    held += batch.size;
  }
  return newest;
}
