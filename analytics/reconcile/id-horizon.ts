// The last N accepted ids of a partition, in plain form: what comes again within them is a repeat.

/** Remembers ids; the oldest leaves when a new one enters a full horizon. */
export class IdHorizon {
  private readonly idsMax: number;
  private readonly remembered = new Set<string>();
  /** The remembered ids in the order of their arrival; the oldest is overwritten. */
  private readonly ring: string[] = [];
  private oldest = 0;

  constructor(idsMax: number) {
    this.idsMax = idsMax;
  }

  /** Whether the id is remembered; it is from now on. */
  isRepeat(source: string, id: string): boolean {
    // The length in front keeps (`a`, `bc`) apart from (`ab`, `c`).
    const key = `${source.length} ${source}${id}`;
    if (this.remembered.has(key)) return true;
    this.remembered.add(key);
    if (this.ring.length < this.idsMax) this.ring.push(key);
    else {
      this.remembered.delete(this.ring[this.oldest]!);
      this.ring[this.oldest] = key;
      this.oldest = (this.oldest + 1) % this.ring.length;
    }
    return false;
  }
}
