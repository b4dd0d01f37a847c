import { describe, expect, it } from '@jest/globals';
import { AppError } from '#runtime/errors.ts';
import { prometheusOrReason } from './with-prometheus.ts';

describe('specs that need a Prometheus', () => {
  it('are not run where there is none, and the reason is printed', async () => {
    const none = () => Promise.reject(new AppError('prometheus-missing', 'nowhere to be had'));
    expect(await prometheusOrReason(none)).toEqual({ missing: 'nowhere to be had' });
  });

  it('fail for every other cause', async () => {
    const broken = () => Promise.reject(new Error('disk full'));
    await expect(prometheusOrReason(broken)).rejects.toThrow('disk full');
  });
});
