import { describe, expect, it } from '@jest/globals';
import type { Figure, Scaling } from '../shop/scaling.ts';
import { desiredReplicas, replicasFor } from './hpa.ts';

const figure = (value: number): Figure => ({ value, from: 'modelled', because: 'a spec' });
const SCALING: Scaling = {
  by: 'requests',
  replicasMin: figure(2),
  replicasMinLocal: figure(1),
  replicasMax: figure(6),
  cpuPercent: figure(70),
  requestsPerSecond: figure(50),
};
const CPU_REQUEST = 0.1;
const seen = { cpuCores: 0, requestsPerSecond: 0, lagRecords: 0 };

describe('the rule of the autoscaler', () => {
  it.each([
    // The examples of Kubernetes' own text: "if the current metric value is 200m, and the desired value is 100m, …".
    ['twice the target doubles', 1, 200, 100, 2],
    ['half of it halves', 4, 50, 100, 2],
    ['a little more than a tenth above adds one', 10, 111, 100, 12],
    ['within a tenth above nothing changes', 10, 109, 100, 10],
    ['within a tenth below neither', 10, 91, 100, 10],
  ])('%s', (_rule, current, value, target, replicas) => {
    expect(desiredReplicas(current, value, target)).toBe(replicas);
  });

  it('follows the metric that asks for most', () => {
    expect(replicasFor({ ...seen, cpuCores: 0.28, requestsPerSecond: 10 }, SCALING, CPU_REQUEST)).toBe(4);
    expect(replicasFor({ ...seen, cpuCores: 0.01, requestsPerSecond: 240 }, SCALING, CPU_REQUEST)).toBe(5);
  });

  it('keeps within minimum and maximum', () => {
    expect(replicasFor(seen, SCALING, CPU_REQUEST)).toBe(2);
    expect(replicasFor({ ...seen, cpuCores: 9 }, SCALING, CPU_REQUEST)).toBe(6);
  });

  it('ignores a metric that has no target', () => {
    expect(replicasFor({ ...seen, lagRecords: 100_000 }, SCALING, CPU_REQUEST)).toBe(2);
    const byLag: Scaling = { ...SCALING, by: 'lag', lagRecords: figure(100) };
    expect(replicasFor({ ...seen, lagRecords: 310 }, byLag, CPU_REQUEST)).toBe(4);
  });
});
