import { describe, expect, it } from '@jest/globals';
import type { EventContract } from '#contracts/envelope.ts';
import type { Process } from '#contracts/process.ts';
import * as topics from '#contracts/topics.ts';
import { contractNames } from './contract-names.ts';
import { parseSource } from './source-files.ts';
import { processFaults } from './topic-uses.ts';

describe('negative control: the process table against the code', () => {
  const { productImagesProcessed: processed, productImagesRejected: rejected } = topics;
  const process = (consumes: Process['consumes'], publishes: Process['publishes']): Process => ({
    name: 'order',
    runsOn: 'eks',
    consumes,
    publishes,
    stores: [],
  });
  const faultsOf = (text: string, declared: Process) =>
    processFaults(
      [parseSource('services/order/consumers.ts', text)],
      [declared],
      contractNames,
      topics.TOPICS,
    );
  const consuming = 'subscription(productImagesProcessed, handle);';
  const buried = { name: processed.deadLetters! };

  it('agrees where both say the same', () => {
    expect(faultsOf(consuming, process([processed], [buried]))).toEqual([]);
    expect(faultsOf('decodeEvent(IMAGE_PROCESSED, record);', process([processed], []))).toEqual([]);
    expect(
      faultsOf('encodeEvent(productImagesRejected.event, key, event);', process([], [rejected])),
    ).toEqual([]);
    expect(
      faultsOf('publishEvent(productImagesRejected, client, order, event);', process([], [rejected])),
    ).toEqual([]);
  });

  it.each<[string, string, Process, string]>([
    ['an unsaid subscription', consuming, process([], [buried]), 'consumes product-images.processed unsaid'],
    [
      'unsaid dead letters',
      consuming,
      process([processed], []),
      'publishes product-images.processed.dlq unsaid',
    ],
    [
      'a subscription that is only said',
      '',
      process([processed], []),
      'never consumes product-images.processed',
    ],
    [
      'an event that is encoded where it is said to be decoded',
      'encodeEvent(IMAGE_REJECTED, key, event);',
      process([], []),
      'publishes product-images.rejected unsaid',
    ],
    [
      'a publication that is only said',
      '',
      process([], [rejected]),
      'never publishes product-images.rejected',
    ],
  ])('reports %s', (_rule, text, declared, fault) => {
    expect(faultsOf(text, declared)).toEqual([expect.stringContaining(fault)]);
  });

  it('reports a process without a folder', () => {
    expect(processFaults([], [process([], [])], contractNames, topics.TOPICS)).toEqual([
      'order has no folder',
    ]);
  });

  it('knows the events by the names that contracts give them', () => {
    const events: EventContract<unknown>[] = topics.TOPICS.map(({ event }) => event);
    const named = new Set<unknown>(Object.values(contractNames));
    expect(events.filter((event) => !named.has(event))).toEqual([]);
  });
});
