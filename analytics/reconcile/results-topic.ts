// What the results topic holds: per key the last record, and whether a revision ever went back.
import { analyticsResults } from '#contracts/topics.ts';
import type { KafkaClient, KafkaMessage } from '#runtime/kafka/client.ts';
import { ownOf } from '#runtime/own.ts';
import { LogReader, logEnds } from './log-reader.ts';
import { type PublishedText, readJson } from './published.ts';

/** Records of the topic since its beginning, folded. */
export interface ResultsRead {
  /** Under each key the last record. */
  readonly last: readonly PublishedText[];
  /** Every revision that was met, also those with a later one behind them. */
  readonly all: readonly PublishedText[];
  /** Keys at whose records a lower revision came after a higher one. */
  readonly wentBack: readonly { readonly key: string; readonly from: number; readonly to: number }[];
}

export class ResultsTopic {
  private readonly client: KafkaClient;
  private readonly reader: LogReader;
  private readonly lastByKey = new Map<string, PublishedText>();
  private readonly byRevision = new Map<string, PublishedText>();
  private readonly wentBack: { key: string; from: number; to: number }[] = [];

  constructor(client: KafkaClient) {
    this.client = client;
    this.reader = new LogReader(client, analyticsResults.name, (part, message) => this.add(part, message));
  }

  /** Reads on to the end as it is now. */
  async read(): Promise<ResultsRead> {
    const ends = await logEnds(this.client, analyticsResults.name);
    for (const { part, earliest } of ends) this.reader.startAt(part, earliest);
    await this.reader.readTo(new Map(ends.map(({ part, end }) => [part, end])));
    return {
      last: [...this.lastByKey.values()],
      all: [...this.byRevision.values()],
      wentBack: this.wentBack,
    };
  }

  close(): Promise<void> {
    return this.reader.close();
  }

  private add(part: number, message: KafkaMessage): void {
    const key = message.key?.toString('utf8') ?? '(no key)';
    const text = readRecord(key, message);
    const revision = text.total?.revision;
    const before = this.lastByKey.get(key)?.total?.revision;
    if (revision !== undefined && before !== undefined && revision < before)
      this.wentBack.push({ key, from: before, to: revision });
    this.lastByKey.set(key, text);
    // An unreadable record stays in the account under its own place.
    this.byRevision.set(text.total ? resultId(text) : `${part}/${message.offset}`, text);
  }
}

/** Two records of one revision that differ are two entries. */
const resultId = ({ name, total }: PublishedText): string =>
  `${name} ${total?.revision} ${total?.events} ${total?.bytes} ${total?.lateEvents} ${total?.lateBytes}`;

/** A record must say the same in its key, its event id and its data. */
export function readRecord(
  key: string,
  { value, headers }: Pick<KafkaMessage, 'value' | 'headers'>,
): PublishedText {
  if (value === null) return { name: key, fault: 'no value' };
  const text = readJson(key, value.toString('utf8'));
  if (!text.total) return text;
  const window = `${text.total.label}_${new Date(text.total.windowStartMs).toISOString()}`;
  if (key !== window) return { name: key, fault: `the key tells of another window than ${window}` };
  const header = (name: string): string => String((headers && ownOf(headers, name)) ?? '');
  if (header('ce_type') !== analyticsResults.event.type) return { name: key, fault: 'another ce_type' };
  if (header('ce_id') !== `${window}_r${text.total.revision}`)
    return { name: key, fault: 'ce_id tells of another revision' };
  return text;
}
