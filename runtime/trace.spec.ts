import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { activeTraceparent, inTrace, traceIdOf } from './trace.ts';

const came = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
const other = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('a line of a log', () => {
  it('has the id of the trace that it belongs to, and none where there is no trace', () => {
    expect(traceIdOf(came)).toEqual({ traceId: '0af7651916cd43dd8448eb211c80319c' });
    for (const none of [undefined, '', 'x']) expect(traceIdOf(none)).toEqual({});
  });
});

describe('work in a trace', () => {
  it('finds it after every await, while other work is in another one', async () => {
    const work = async (ms: number) => {
      await sleep(ms);
      return activeTraceparent();
    };
    const found = await Promise.all([inTrace(came, () => work(2)), inTrace(other, () => work(1)), work(3)]);
    expect(found).toEqual([came, other, undefined]);
  });

  it.each([undefined, '', 'x', `${came}\r\nx: y`])(
    'is in none where none that is valid came: %j',
    (header) => {
      expect(inTrace(other, () => inTrace(header, activeTraceparent))).toBeUndefined();
    },
  );

  it('loses it in a listener: that runs in the trace of who emits, so our doors run behind promises', () => {
    const emitter = new EventEmitter();
    const found: unknown[] = [];
    inTrace(came, () => emitter.on('answer', () => found.push(activeTraceparent())));
    inTrace(other, () => emitter.emit('answer'));
    emitter.emit('answer');
    expect(found).toEqual([other, undefined]);
  });
});
