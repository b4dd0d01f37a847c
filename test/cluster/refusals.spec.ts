import { describe, expect, it } from '@jest/globals';
import { reasonOf } from './refusals.ts';

const answer = (status: number, stderr: string) => ({ status, stdout: '', stderr });

describe('a refusal', () => {
  it('is what the server refuses, in its own words', () => {
    const reason = reasonOf(answer(1, 'Error from server: .spec.replica: field not declared in schema\n'));
    expect(reason).toBe('Error from server: .spec.replica: field not declared in schema');
  });

  it('is a warning too: a server warns of pods that a namespace will not admit', () => {
    const reason = reasonOf(
      answer(0, 'Warning: would violate PodSecurity "restricted:latest": runAsNonRoot != true\n'),
    );
    expect(reason).toMatch(/would violate PodSecurity/);
  });

  it('is not what kubectl says by the way, nor silence', () => {
    expect(reasonOf(answer(0, 'I1128 request was throttled\n'))).toBeUndefined();
    expect(reasonOf(answer(0, ''))).toBeUndefined();
  });
});
