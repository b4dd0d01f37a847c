// The table of forgeries is complete, and a forgery that nobody noticed is reported.
import { describe, expect, it } from '@jest/globals';
import { PROCESSES } from '#contracts/processes.ts';
import { FORGERIES } from './forgeries.ts';
import { TAKEN, type TrueOrder, type Victims } from './forgery.ts';
import { type Forged, wantedLetters } from './forging.ts';
import { type Letter, wrongDeadLetters } from './letters.ts';

const order: TrueOrder = {
  orderId: 'o-1',
  userId: 'u-1',
  paymentId: 'pay_1',
  lines: [{ productId: 'p-1', quantity: 1, unitPriceMinor: 100 }],
  total: { amountMinor: 100, currency: 'EUR' },
};
const victims: Victims = {
  confirmed: () => order,
  rejected: () => order,
  product: () => ({ productId: 'p-1', priceMinor: 100 }),
};
const consumersOf = (topic: string): string[] =>
  PROCESSES.filter(({ consumes }) => consumes.some(({ name }) => name === topic)).map(({ name }) => name);

/** Each at another place of its topic. */
const forged: Forged[] = FORGERIES.map((forgery, at) => ({ forgery, key: `key-${at}`, place: `0/${at}` }));

describe('the table of forgeries', () => {
  it('has some for every topic that is consumed', () => {
    const consumed = new Set(PROCESSES.flatMap(({ consumes }) => consumes.map(({ name }) => name)));
    expect(new Set(FORGERIES.map(({ topic }) => topic.name))).toEqual(consumed);
  });

  it.each(FORGERIES.map((forgery) => [forgery.what, forgery] as const))(
    '%s: is well-formed, says what each consumer does, and is noticed or harmless',
    (_what, { topic, data, outcomes, found = [], consequences = [], harmless }) => {
      expect(() => topic.event.schema.parse(data(victims))).not.toThrow();
      expect(Object.keys(outcomes).toSorted()).toEqual(consumersOf(topic.name).toSorted());
      const isRefused = Object.values(outcomes).some((outcome) => outcome !== TAKEN);
      const isNoticed = isRefused || found.length > 0 || consequences.length > 0;
      expect(isNoticed).toBe(harmless === undefined);
    },
  );

  it('names each once', () => {
    expect(new Set(FORGERIES.map(({ what }) => what)).size).toBe(FORGERIES.length);
  });
});

describe('a forgery that nobody noticed', () => {
  const wanted = wantedLetters(forged);
  const letters = wanted.map(
    ({ topic, consumer, place = '1/1', key = 'any', reason }): Letter => ({
      topic,
      consumer,
      place,
      key,
      reason: String(reason),
    }),
  );

  it('is reported for each consumer that should have refused it', () => {
    expect(wrongDeadLetters(wanted, letters)).toEqual([]);
    for (const [at, { what, consumer }] of wanted.entries())
      expect(wrongDeadLetters(wanted, letters.toSpliced(at, 1))).toEqual([
        expect.stringMatching(`^${what}, on .*: no dead letter of ${consumer} `),
      ]);
  });
});
