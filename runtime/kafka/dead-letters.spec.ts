import { describe, expect, it } from '@jest/globals';
import { analyticsResults, productImagesProcessed } from '#contracts/topics.ts';
import { deadLetterOf, deadLetterTopic } from './dead-letters.ts';

const at = { partition: 3, offset: '9007199254740993' };
const refusal = { reason: 'bad-json', detail: 'the value is not JSON', consumer: 'cart' };
const message = {
  key: Buffer.from('k'),
  value: Buffer.from([0xff, 0x00]),
  rawHeaders: (): [string, Buffer | null][] => [['ce_id', Buffer.from('e-1')]],
};

describe('a dead letter', () => {
  it('is the refused record itself, with where it lay and why it was refused', () => {
    expect(deadLetterOf(productImagesProcessed, message, at, refusal)).toEqual({
      key: message.key,
      value: message.value,
      headers: {
        ce_id: Buffer.from('e-1'),
        'dlq-reason': 'bad-json',
        'dlq-detail': 'the value is not JSON',
        'dlq-consumer': 'cart',
        'dlq-topic': 'product-images.processed',
        'dlq-partition': '3',
        'dlq-offset': '9007199254740993',
      },
    });
  });

  it('of a tombstone has no value either', () => {
    expect(deadLetterOf(productImagesProcessed, { ...message, value: null }, at, refusal).value).toBeNull();
  });

  it('has no null header, on which the client library throws, and a repeated one as often as it was written', () => {
    const rawHeaders = (): [string, Buffer | null][] => [
      ['empty', null],
      ['twice', Buffer.from('a')],
      ['twice', null],
    ];
    const { headers: written } = deadLetterOf(
      productImagesProcessed,
      { ...message, rawHeaders },
      at,
      refusal,
    );
    expect(written).toMatchObject({ empty: '', twice: [Buffer.from('a'), ''] });
  });

  it('keeps headers that are named as parts of every object', () => {
    const rawHeaders = (): [string, Buffer | null][] => [
      ['__proto__', Buffer.from('a')],
      ['constructor', Buffer.from('b')],
    ];
    const { headers: written } = deadLetterOf(
      productImagesProcessed,
      { ...message, rawHeaders },
      at,
      refusal,
    );
    expect(Object.entries(written!).slice(0, 2)).toEqual(rawHeaders());
  });

  it('cuts a long detail, so that it fits the topic', () => {
    const detail = 'x'.repeat(100_000);
    const { headers } = deadLetterOf(productImagesProcessed, message, at, { ...refusal, detail });
    expect(String(headers?.['dlq-detail']).length).toBeLessThanOrEqual(500);
  });

  it('has nowhere to go on a topic that names none', () => {
    expect(() => deadLetterTopic(analyticsResults)).toThrow('names no dead letters');
  });
});
