// Rows of the outbox in, records on the broker out, in the order of each key. Says which rows the broker has, which it refused
// and whether the rest must wait; decides nothing about retries.
import type { KafkaClient } from '../kafka/client.ts';
import { faultOf, type SendFault } from '../kafka/send-faults.ts';
import { Sender } from '../kafka/sender.ts';
import type { OutboxRow } from './rows.ts';

/** What became of rows of one topic. A row that is in neither list was not sent, or its outcome is unknown. */
export interface Published {
  readonly acknowledged: OutboxRow[];
  readonly refused: { readonly row: OutboxRow; readonly reason: string }[];
  /** Why the rest must wait: the topic is not there, or the broker is away. */
  readonly stopped?: SendFault;
}

/** Publishes by a producer that is replaced after any failure. */
export class OutboxPublisher {
  private readonly sender: Sender;

  constructor(client: KafkaClient) {
    this.sender = new Sender(client);
  }

  /** Publishes rows of one topic, given in the order of their ids. */
  async publish(topic: string, rows: readonly OutboxRow[]): Promise<Published> {
    // A row that was refused before is sent alone, so that it does not make others be sent twice.
    const suspects = rows.filter(({ attempts }) => attempts > 0);
    const first = await this.oneByOne(topic, suspects);
    if (first.stopped) return first;
    const keysHeld = new Set(first.refused.map(({ row }) => row.key));
    const others = rows.filter(({ attempts, key }) => attempts === 0 && !keysHeld.has(key));
    const rest = await this.together(topic, others);
    return {
      acknowledged: [...first.acknowledged, ...rest.acknowledged],
      refused: [...first.refused, ...rest.refused],
      ...(rest.stopped ? { stopped: rest.stopped } : {}),
    };
  }

  private async together(topic: string, rows: readonly OutboxRow[]): Promise<Published> {
    if (rows.length === 0) return { acknowledged: [], refused: [] };
    const fault = await this.send(topic, rows);
    if (!fault) return { acknowledged: [...rows], refused: [] };
    if (fault.of !== 'record') return { acknowledged: [], refused: [], stopped: fault };
    // The broker's answer is about a batch and not about a record. Batches of other partitions may be there already, and go again.
    return this.oneByOne(topic, rows);
  }

  private async oneByOne(topic: string, rows: readonly OutboxRow[]): Promise<Published> {
    const acknowledged: OutboxRow[] = [];
    const refused: { row: OutboxRow; reason: string }[] = [];
    const keysHeld = new Set<string>();
    for (const row of rows) {
      if (keysHeld.has(row.key)) continue;
      const fault = await this.send(topic, [row]);
      if (!fault) {
        acknowledged.push(row);
      } else if (fault.of === 'record') {
        refused.push({ row, reason: fault.reason });
        keysHeld.add(row.key);
      } else {
        return { acknowledged, refused, stopped: fault };
      }
    }
    return { acknowledged, refused };
  }

  private async send(topic: string, rows: readonly OutboxRow[]): Promise<SendFault | undefined> {
    try {
      await this.sender.send(
        topic,
        rows.map(({ key, value, headers }) => ({ key, value, headers })),
      );
      return undefined;
    } catch (error) {
      return faultOf(error);
    }
  }

  /** Also ends a send in progress, whose outcome is then unknown. */
  close(): Promise<void> {
    return this.sender.close();
  }
}
