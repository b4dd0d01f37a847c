// What `LogInspector` promises, and one without a broker.
import { expect } from '@jest/globals';
import type { LogEnds, LogInspector } from '../../analytics/log-ends.ts';
import type { Contract } from './contract.ts';
import { TOPIC_ID } from './partition-state.ts';

/** A topic of two partitions, and what happens to its log. */
export interface LogStage {
  readonly inspector: LogInspector;
  /** Adds records to a partition. */
  append(part: number, count: number): Promise<void>;
  /** Deletes the records of a partition below an offset, as a retention does. */
  deleteBelow(part: number, offset: number): Promise<void>;
  /** Deletes the topic, and creates one of the same name. */
  recreate(): Promise<void>;
}

export type LogBreakage = 'shows no empty partition' | 'begins at 0' | 'keeps the id of a name';

const newLog = (): [number, LogEnds][] => [0, 1].map((part) => [part, { earliest: 0, end: 0 }]);

/** One topic in the memory of this process. @param breakage for negative controls */
export class LogInMemory implements LogStage {
  private readonly breakage: LogBreakage | undefined;
  private ends = new Map(newLog());
  private generation = 1;

  constructor(breakage?: LogBreakage) {
    this.breakage = breakage;
  }

  readonly inspector: LogInspector = {
    topicId: async () =>
      this.generation === 1 || this.breakage === 'keeps the id of a name'
        ? TOPIC_ID
        : `${TOPIC_ID}-${this.generation}`,
    ends: async () => {
      const all = [...this.ends].map(([part, ends]): [number, LogEnds] => [part, this.shown(ends)]);
      return new Map(all.filter(([, { end }]) => end > 0 || this.breakage !== 'shows no empty partition'));
    },
  };

  private shown(ends: LogEnds): LogEnds {
    return this.breakage === 'begins at 0' ? { ...ends, earliest: 0 } : ends;
  }

  /** Any ends, such as those of a log that was truncated, or of a leader that lags behind. */
  report(part: number, ends: LogEnds): void {
    this.ends.set(part, ends);
  }

  async append(part: number, count: number): Promise<void> {
    const { earliest, end } = this.ends.get(part)!;
    this.report(part, { earliest, end: end + count });
  }

  async deleteBelow(part: number, offset: number): Promise<void> {
    this.report(part, { ...this.ends.get(part)!, earliest: offset });
  }

  async recreate(): Promise<void> {
    this.generation += 1;
    this.ends = new Map(newLog());
  }
}

export const LOG_INSPECTOR_CONTRACT: Contract<LogStage> = [
  [
    'ends behind the last record, also in a partition that has none',
    async (stage) => {
      await stage.append(0, 3);
      await stage.append(0, 2);
      expect(await stage.inspector.ends()).toEqual(
        new Map([
          [0, { earliest: 0, end: 5 }],
          [1, { earliest: 0, end: 0 }],
        ]),
      );
    },
  ],
  [
    'begins at the first record that is still there',
    async (stage) => {
      await stage.append(1, 5);
      await stage.deleteBelow(1, 2);
      expect((await stage.inspector.ends()).get(1)).toEqual({ earliest: 2, end: 5 });
    },
  ],
  [
    'gives a topic one id, and another one to a new topic of the same name, whose log is empty',
    async (stage) => {
      const { inspector } = stage;
      const before = await inspector.topicId();
      await stage.append(0, 1);
      expect(await inspector.topicId()).toBe(before);
      await stage.recreate();
      expect(await inspector.topicId()).not.toBe(before);
      expect((await inspector.ends()).get(0)).toEqual({ earliest: 0, end: 0 });
    },
  ],
];
