import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readMeasured } from './measured.ts';
import { SCALING_PAGE, scalingPage } from './scaling-page.ts';

const written = readFileSync(join(import.meta.dirname, '../..', SCALING_PAGE), 'utf8');

describe('docs/scaling.md', () => {
  it('is what the measured runs, the sizes and the rules give', () => {
    expect(scalingPage(readMeasured())).toBe(written);
  });

  it('follows a run that shows something else', () => {
    const measured = readMeasured();
    const [first, ...others] = measured.stress.steps;
    const steps = [{ ...first!, p95Ms: first!.p95Ms + 1 }, ...others];
    expect(scalingPage({ ...measured, stress: { ...measured.stress, steps } })).not.toBe(written);
  });

  it('marks what is modelled', () => {
    expect(written).toMatch(/\| modelled \|/);
    expect(written).toContain('the replicas are modelled');
  });
});
