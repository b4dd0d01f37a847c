import { describe, expect, it } from '@jest/globals';
import { spansOfAnswer } from './trace-answer.ts';

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const span = (change: Record<string, unknown> = {}) => ({
  traceId: 'CvdlGRbNQ92ESOsiHIAxnA==',
  spanId: 'AAAAAAAAAAI=',
  name: 'POST /orders',
  kind: 'SPAN_KIND_SERVER',
  startTimeUnixNano: '1764403200000250000',
  endTimeUnixNano: '1764403200012750000',
  ...change,
});
const tempo = (...spans: unknown[]) => ({
  trace: {
    resourceSpans: [
      {
        resource: { attributes: [text('service.name', 'order')] },
        scopeSpans: [{ scope: { name: 'http' }, spans }],
      },
    ],
  },
});

describe('a trace of Tempo', () => {
  it('is the spans of its services, on the clock of the events', () => {
    const attributes = [
      text('messaging.destination.name', 'order.placed'),
      { key: 'http.response.status_code', value: { intValue: '201' } },
    ];
    expect(spansOfAnswer(tempo(span({ parentSpanId: 'AAAAAAAAAAE=', attributes })))).toEqual([
      {
        spanId: 'AAAAAAAAAAI=',
        parentId: 'AAAAAAAAAAE=',
        service: 'order',
        name: 'POST /orders',
        startMs: 1_764_403_200_000.25,
        endMs: 1_764_403_200_012.75,
        isFailed: false,
        attributes: { 'messaging.destination.name': 'order.placed' },
      },
    ]);
  });

  it('is the same where an older version calls the list `batches`', () => {
    const { resourceSpans: batches } = tempo(span()).trace;
    expect(spansOfAnswer({ trace: { batches } })).toEqual(spansOfAnswer(tempo(span())));
    expect(spansOfAnswer({ trace: { batches } })).toHaveLength(1);
  });

  it.each([
    [{ code: 'STATUS_CODE_ERROR' }, true],
    [{ code: 2 }, true],
    [{ code: 'STATUS_CODE_OK' }, false],
    [{}, false],
  ])('has failed where its status is %j: %p', (status, isFailed) => {
    expect(spansOfAnswer(tempo(span({ status })))[0]).toMatchObject({
      isFailed,
      parentId: '',
      attributes: {},
    });
  });

  it.each([[{ trace: {} }], [{ trace: { resourceSpans: [{}] } }], [tempo()]])(
    'has no spans where protobuf leaves out what is empty: %j',
    (answer) => {
      expect(spansOfAnswer(answer)).toEqual([]);
    },
  );
});

describe('an answer in neither form', () => {
  it.each([
    [{}],
    [[]],
    ['spans'],
    [{ trace: { resourceSpans: 7 } }],
    [tempo(span({ startTimeUnixNano: 'now' }))],
  ])('is refused: %j', (answer) => {
    expect(() => spansOfAnswer(answer)).toThrow();
  });
});
