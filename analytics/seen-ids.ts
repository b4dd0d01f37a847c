// The horizon within which an event id is counted once: the last N accepted ids of a partition, as 64-bit hashes.
// A function of the log alone: which ids are remembered at an offset does not depend on batches, restarts or clocks.
// Chance that a new id meets another's hash: N / 2^64, at N = 262,144 one in 7e13 events.

const ENTRY_BYTES = 8;
const SLOTS_MIN = 1_024;

/** A set of the most recent ids with a fixed bound; the oldest leaves when a new one enters a full set. */
export class SeenIds {
  readonly idsMax: number;
  /**
   * Grows with what it holds: a worker has dozens of partitions, and untouched megabytes count against Node's
   * heap all the same, which then collects garbage at every batch.
   */
  private ring: Uint32Array;
  private oldest = 0;
  private count = 0;
  /** Open addressing, two words a slot; (0, 0) is an empty slot. */
  private slots = new Uint32Array(SLOTS_MIN * 2);

  constructor(idsMax: number) {
    this.idsMax = idsMax;
    this.ring = new Uint32Array(Math.min(idsMax, SLOTS_MIN) * 2);
  }

  get size(): number {
    return this.count;
  }

  /** Remembers an id. False when it is remembered already, which leaves everything as it is. */
  add(high: number, low: number): boolean {
    const slot = this.find(high, low);
    if (this.isFilled(slot)) return false;
    if (this.count === this.idsMax) {
      this.forgetOldest();
      this.put(high, low);
    } else {
      this.slots[slot * 2] = high;
      this.slots[slot * 2 + 1] = low;
    }
    if (this.count * 2 === this.ring.length) this.widen();
    const at = ((this.oldest + this.count) % (this.ring.length / 2)) * 2;
    this.ring[at] = high;
    this.ring[at + 1] = low;
    this.count += 1;
    if (this.count * 2 > this.slots.length / 2) this.grow();
    return true;
  }

  /** Takes ids as `pack` wrote them, oldest first. */
  load(packed: Buffer): void {
    for (let at = 0; at < packed.length; at += ENTRY_BYTES)
      this.add(packed.readUInt32BE(at), packed.readUInt32BE(at + 4));
  }

  private find(high: number, low: number): number {
    const mask = this.slots.length / 2 - 1;
    let slot = low & mask;
    while (this.isFilled(slot) && (this.slots[slot * 2] !== high || this.slots[slot * 2 + 1] !== low))
      slot = (slot + 1) & mask;
    return slot;
  }

  private isFilled(slot: number): boolean {
    return this.slots[slot * 2] !== 0 || this.slots[slot * 2 + 1] !== 0;
  }

  private put(high: number, low: number): void {
    const slot = this.find(high, low);
    this.slots[slot * 2] = high;
    this.slots[slot * 2 + 1] = low;
  }

  private forgetOldest(): void {
    const at = this.oldest * 2;
    this.remove(this.find(this.ring[at]!, this.ring[at + 1]!));
    this.oldest = (this.oldest + 1) % this.idsMax;
    this.count -= 1;
  }

  /** Closes the hole by moving back the entries that were pushed past it: no tombstones, so that long runs stay fast. */
  private remove(slot: number): void {
    const mask = this.slots.length / 2 - 1;
    let hole = slot;
    for (let next = (hole + 1) & mask; this.isFilled(next); next = (next + 1) & mask) {
      const home = this.slots[next * 2 + 1]! & mask;
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      this.slots[hole * 2] = this.slots[next * 2]!;
      this.slots[hole * 2 + 1] = this.slots[next * 2 + 1]!;
      hole = next;
    }
    this.slots[hole * 2] = 0;
    this.slots[hole * 2 + 1] = 0;
  }

  /** Only a ring of full width has lost its oldest: until then it has all of them. */
  private widen(): void {
    const wider = new Uint32Array(Math.min(this.ring.length, this.idsMax) * 2);
    wider.set(this.ring);
    this.ring = wider;
  }

  private grow(): void {
    this.slots = new Uint32Array(this.slots.length * 2);
    for (let index = 0; index < this.count; index += 1) {
      const at = ((this.oldest + index) % this.idsMax) * 2;
      this.put(this.ring[at]!, this.ring[at + 1]!);
    }
  }
}

/** The ids that one batch accepted, in log order, packed for storage. */
export class PackedIds {
  private words: number[] = [];

  push(high: number, low: number): void {
    this.words.push(high, low);
  }

  get size(): number {
    return this.words.length / 2;
  }

  toBuffer(): Buffer {
    const buffer = Buffer.allocUnsafe(this.words.length * 4);
    for (let index = 0; index < this.words.length; index += 1)
      buffer.writeUInt32BE(this.words[index]!, index * 4);
    return buffer;
  }
}

/** The 64-bit hash of an id within its source, as two words; never (0, 0). */
export interface IdHash {
  high: number;
  low: number;
}

/**
 * Hashes `source` and `id` into `into`: two multiplicative lanes over the UTF-16 units, then MurmurHash3's 32-bit
 * finalizer over each. Not cryptographic: producers are ours.
 */
export function hashId(source: string, id: string, into: IdHash): void {
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  for (let index = 0; index < source.length; index += 1) {
    const unit = source.charCodeAt(index);
    high = Math.imul(high ^ unit, 0x27d4eb2f);
    low = Math.imul(low ^ unit, 0x165667b1);
  }
  // A unit that ends the source: ('a', 'bc') is not ('ab', 'c').
  high = Math.imul(high ^ 0x10000, 0x27d4eb2f);
  low = Math.imul(low ^ 0x10000, 0x165667b1);
  for (let index = 0; index < id.length; index += 1) {
    const unit = id.charCodeAt(index);
    high = rotate(Math.imul(high ^ unit, 0x27d4eb2f), 13);
    low = rotate(Math.imul(low ^ unit, 0x165667b1), 17);
  }
  into.high = finalize(high ^ (low >>> 15)) >>> 0;
  into.low = finalize(low ^ id.length) >>> 0;
  if (into.high === 0 && into.low === 0) into.low = 1;
}

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

function finalize(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
