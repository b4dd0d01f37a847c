// Compares the dead letters of a shop with the wanted ones: which are missing, and which were not wanted.
import type { Topic } from '#contracts/topic.ts';
import { readTopic } from '../topic-reader.ts';
import type { Shop } from './shop.ts';

/** A dead letter: which record, who refused it, and why. */
export interface Letter {
  readonly topic: string;
  /** Of the record that was refused: partition/offset. */
  readonly place: string;
  readonly key: string;
  readonly consumer: string;
  readonly reason: string;
}

/** A wanted dead letter, of the record at a place, or of a later event with a key, which a service published because of that record. */
export interface Wanted extends Pick<Letter, 'topic' | 'consumer'> {
  readonly what: string;
  readonly place?: string | undefined;
  readonly key?: string | undefined;
  /** Undefined where any reason is right. */
  readonly reason?: string | undefined;
}

/** All dead letters of these topics, as they are now. */
export async function readLetters(shop: Shop, topics: readonly Topic<unknown>[]): Promise<Letter[]> {
  const read = topics.map(async (topic) => {
    const records = await readTopic(shop.client, topic.deadLetters!);
    return records.map(({ key, headers }): Letter => {
      const header = (name: string): string => String(new Map(Object.entries(headers ?? {})).get(name));
      return {
        topic: topic.name,
        place: `${header('dlq-partition')}/${header('dlq-offset')}`,
        key: String(key),
        consumer: header('dlq-consumer'),
        reason: header('dlq-reason'),
      };
    });
  });
  return (await Promise.all(read)).flat();
}

const isOf = (wanted: Wanted, letter: Letter): boolean =>
  wanted.consumer === letter.consumer &&
  (wanted.place === undefined || wanted.place === letter.place) &&
  (wanted.key === undefined || wanted.key === letter.key) &&
  (wanted.reason === undefined || wanted.reason === letter.reason);

/** Every wanted letter that is missing, and every unwanted one. A repeat is no fault: letters are written at least once. */
export function wrongDeadLetters(wanted: readonly Wanted[], letters: readonly Letter[]): string[] {
  const lettersOf = Map.groupBy(letters, ({ topic }) => topic);
  const wantedOf = Map.groupBy(wanted, ({ topic }) => topic);
  const missing = wanted.filter((one) => !lettersOf.get(one.topic)?.some((letter) => isOf(one, letter)));
  const strays = letters.filter((letter) => !wantedOf.get(letter.topic)?.some((one) => isOf(one, letter)));
  return [
    ...missing.map(({ what, topic, place, consumer, reason }) => {
      const why = reason ? ` (${reason})` : '';
      return `${what}, on ${topic} ${place ?? ''}: no dead letter of ${consumer}${why}`;
    }),
    ...new Set(
      strays.map(
        ({ topic, place, key, consumer, reason }) =>
          `${topic} ${place} of ${key}: ${consumer} refused it (${reason})`,
      ),
    ),
  ];
}
