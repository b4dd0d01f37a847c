import { describe, expect, it } from '@jest/globals';
import type { OrderEvent } from './answers.ts';
import { journeyOf, type TraceSpan, tracesOf } from './order-journey.ts';

const BEGAN = Date.parse('2026-11-29T08:00:00.000Z');
const span = (
  spanId: string,
  parentId: string,
  startMs: number,
  change: Partial<TraceSpan> = {},
): TraceSpan => ({
  spanId,
  parentId,
  service: 'order',
  name: spanId,
  startMs: BEGAN + startMs,
  endMs: BEGAN + startMs + 10,
  isFailed: false,
  attributes: {},
  ...change,
});
const statement = { attributes: { 'db.system.name': 'postgresql' } };
const event = (atMs: number, change: Partial<OrderEvent> = {}): OrderEvent => ({
  topic: 'order.placed',
  service: 'order',
  at: new Date(BEGAN + atMs).toISOString(),
  place: '0/1',
  eventId: 'e',
  ...change,
});
const journey = (spans: readonly TraceSpan[], hasStatements = false, events = [event(5)]) =>
  journeyOf({ orderId: 'o', events, spans, traces: 'shown', hasStatements });
const outline = (spans: readonly TraceSpan[], hasStatements = false) =>
  journey(spans, hasStatements).spans.map(({ depth, name }) => `${depth} ${name}`);

describe('a journey', () => {
  it('has each span below what caused it, each level by its start', () => {
    const spans = [
      span('b', 'a', 20),
      span('d', '', 50),
      span('c', 'b', 30),
      span('a', 'gone', 0),
      span('e', 'a', 10),
    ];
    expect(outline(spans)).toEqual(['0 a', '1 e', '1 b', '2 c', '0 d']);
  });

  it('counts statements at what made them, and shows them when asked to', () => {
    const spans = [
      span('a', '', 0),
      span('s1', 'a', 1, statement),
      span('s2', 'a', 2, statement),
      span('b', 'a', 3),
    ];
    expect(journey(spans).spans.map(({ name, statements }) => [name, statements])).toEqual([
      ['a', 2],
      ['b', 0],
    ]);
    expect(outline(spans, true)).toEqual(['0 a', '1 s1', '1 s2', '1 b']);
    expect(journey(spans, true).spans[0]).toMatchObject({ statements: 0 });
  });

  it('is on one clock that begins with the first event or span and ends with the last', () => {
    const { startedAt, lastedMs, spans } = journey([span('a', '', 20)], false, [event(0), event(500)]);
    expect([startedAt, lastedMs]).toEqual(['2026-11-29T08:00:00.000Z', 500]);
    expect(spans[0]).toMatchObject({ startMs: 20, lastedMs: 10 });
  });

  it('shows each span once, whatever ids a collector was sent', () => {
    expect(outline([span('a', 'b', 0), span('b', 'a', 1)])).toEqual(['0 a', '0 b']);
    expect(outline([span('a', 'a', 0)])).toEqual(['0 a']);
    expect(outline([span('a', '', 0), span('a', '', 1), span('b', 'a', 2)])).toEqual(['0 a', '1 b', '0 a']);
  });

  it('takes no part of every object for a topic', () => {
    expect(journey([span('constructor', '', 0)]).spans[0]!.topic).toBeUndefined();
    const sent = { attributes: { 'messaging.destination.name': 'order.placed' } };
    expect(journey([span('a', '', 0, sent)]).spans[0]!.topic).toBe('order.placed');
  });

  it('is shown by its events only where there are no spans', () => {
    expect(journey([])).toMatchObject({ spans: [], events: [event(5)], lastedMs: 0 });
  });
});

describe('its traces', () => {
  it('are each named once, in the order of the events', () => {
    const events = [
      event(0, { traceId: 'b' }),
      event(1),
      event(2, { traceId: 'a' }),
      event(3, { traceId: 'b' }),
    ];
    expect(tracesOf(events)).toEqual(['b', 'a']);
  });
});
