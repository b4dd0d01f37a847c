import { describe, expect, it } from '@jest/globals';
import { orderPlaced, productChanged, userRegistered } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { TOPICS } from '#contracts/topics.ts';
import { bodyOf } from './letter-body.ts';

const ORDER = '0198c1b2-7f54-7cc3-98c4-dc0c0c07398f';
const shown = (topic: Topic<unknown>, value: unknown, key: string | null = ORDER) =>
  bodyOf(topic, {
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  });

describe('what is shown of a refused record', () => {
  it('is its id, its size and the fields of the contract that it has', () => {
    const value = { orderId: 17, lines: [{ productId: 'vase', quantity: 'two' }, { unitPriceMinor: 1 }] };
    expect(shown(orderPlaced, value)).toEqual({
      key: ORDER,
      valueBytes: JSON.stringify(value).length,
      isJson: true,
      fields: ['orderId', 'lines', 'lines.productId', 'lines.quantity', 'lines.unitPriceMinor'],
      unknownFieldCount: 0,
    });
  });

  const SECRET = 'ann@mail.example';
  it.each<[string, Topic<unknown>, unknown, string | null]>([
    [
      'a value',
      orderPlaced,
      { orderId: SECRET, userId: SECRET, lines: [SECRET, { productId: SECRET }] },
      ORDER,
    ],
    ['the name of a field', orderPlaced, { [SECRET]: 1, lines: [{ [SECRET]: { orderId: 1 } }] }, ORDER],
    ['a bare text', orderPlaced, JSON.stringify(SECRET), ORDER],
    ['something that is no JSON', userRegistered, `{"email":"${SECRET}`, ORDER],
    ['the key', userRegistered, { userId: 'u' }, SECRET],
    ['the key of a product', productChanged, {}, SECRET],
  ])('never holds what somebody wrote into %s', (_where, topic, value, key) => {
    expect(JSON.stringify(shown(topic, value, key))).not.toContain('mail');
  });

  it('counts what the contract does not know, once for each name', () => {
    const line = { mood: 'blue' };
    expect(shown(orderPlaced, { lines: [line, line], colour: { orderId: 1 } }).unknownFieldCount).toBe(2);
    expect(shown(orderPlaced, { lines: [line, line], colour: { orderId: 1 } }).fields).toEqual(['lines']);
  });

  it('is the key of a product, which people can read', () => {
    expect(shown(productChanged, {}, 'olive-tea-tin').key).toBe('olive-tea-tin');
    expect(shown(orderPlaced, {}, 'olive-tea-tin').key).toBeUndefined();
  });

  it('is bounded, whatever the record', () => {
    const deep = JSON.parse(`${'{"lines":'.repeat(500)}1${'}'.repeat(500)}`) as unknown;
    expect(shown(orderPlaced, deep).fields.length).toBeLessThan(10);
    const large = JSON.stringify({ orderId: 'x'.repeat(200_000) });
    expect(shown(orderPlaced, large)).toMatchObject({ isJson: false, fields: [], valueBytes: large.length });
    expect(shown(orderPlaced, null, null)).toEqual({
      valueBytes: 0,
      isJson: false,
      fields: [],
      unknownFieldCount: 0,
    });
  });

  it.each(TOPICS.map((topic) => [topic.name, topic] as const))('knows fields of %s', (_name, topic) => {
    expect(shown(topic, {}).fields).toEqual([]);
    const names = Object.keys((topic.event.schema as unknown as { shape: object }).shape);
    expect(shown(topic, Object.fromEntries(names.map((name) => [name, 1]))).fields).toEqual(
      names.slice(0, 40),
    );
  });
});
