import { describe, expect, it } from '@jest/globals';
import { notRun } from './not-run.ts';

describe('the end of a run', () => {
  it('names what npm test leaves to another command', () => {
    expect(notRun(new Set(['unit', 'int', 'e2e', 'fault']))).toEqual([
      expect.stringContaining('npm run test:flink'),
    ]);
  });

  it.each([
    ['all of it ran', ['unit', 'int', 'e2e', 'fault', 'flink']],
    ['one kind was asked for', ['unit']],
    ['only it was asked for', ['flink']],
  ])('names nothing when %s', (_case, kinds) => {
    expect(notRun(new Set(kinds))).toEqual([]);
  });
});
