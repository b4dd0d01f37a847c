import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createLineWriter } from './passing-lines.ts';

function writerTo(terminal: { isTTY?: boolean; columns?: number }, passingMsMin?: number) {
  const stream = Object.assign(new PassThrough(), terminal);
  const written = () => (stream.read() as Buffer | null)?.toString() ?? '';
  return { ...createLineWriter(stream, passingMsMin), written };
}

describe('passing lines', () => {
  it('take the place of each other on a terminal, and end where a lasting one comes', () => {
    const { pass, say, written } = writerTo({ isTTY: true, columns: 80 });
    pass('1 %');
    pass('2 %');
    say('done');
    say('next');
    expect(written()).toBe('\r\u001B[2K1 %\r\u001B[2K2 %\r\u001B[2Kdone\nnext\n');
  });

  it('never wrap', () => {
    const { pass, written } = writerTo({ isTTY: true, columns: 11 });
    pass('0123456789abcdef');
    expect(written()).toBe('\r\u001B[2K0123456789');

    const unknown = writerTo({ isTTY: true, columns: 0 });
    unknown.pass('27 %');
    expect(unknown.written()).toBe('\r\u001B[2K27 %');
  });

  it('are printed now and then where there is no terminal', () => {
    const { pass, say, written } = writerTo({});
    for (let percent = 0; percent < 100; percent += 1) pass(`${percent} %`);
    say('done');
    expect(written()).toBe('done\n');

    const eager = writerTo({}, 0);
    eager.pass('1 %');
    eager.pass('2 %');
    expect(eager.written()).toBe('1 %\n2 %\n');
  });
});
