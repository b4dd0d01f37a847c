// The times of contracts/shutdown.ts in what is rendered: a pod is given time to wait and to drain before it is killed.
import { describe, expect, it } from '@jest/globals';
import type { IPodTemplateSpec } from 'kubernetes-models/v1';
import { SHOP } from '#contracts/shop-processes.ts';
import {
  DRAIN_SECONDS_MAX,
  GRACE_SECONDS,
  LAME_DUCK_SECONDS_MAX,
  PRE_STOP_SECONDS,
} from '#contracts/shutdown.ts';
import { readOverlays } from '../../k8s/overlays.ts';
import { partsOf } from '../../k8s/parts.ts';

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly template?: IPodTemplateSpec };
}

/** What is wrong with the times of a pod; empty when it has time enough. */
function timeFaults({ spec }: IPodTemplateSpec): string[] {
  const graceSeconds = spec?.terminationGracePeriodSeconds ?? 30;
  return (spec?.containers ?? []).flatMap(({ name, lifecycle }) => {
    const waits = lifecycle?.preStop?.sleep?.seconds;
    if (waits === undefined) return [`${name} does not wait before it goes`];
    const needs = waits + DRAIN_SECONDS_MAX;
    return graceSeconds > needs ? [] : [`${name} needs ${needs} s to go and is killed after ${graceSeconds}`];
  });
}

const names = new Set(SHOP.map(({ name }) => name));
const deployments = readOverlays().flatMap((overlay) =>
  partsOf(overlay)
    .flatMap((part) => part.toJson() as Rendered[])
    .filter(({ kind, metadata }) => kind === 'Deployment' && names.has(metadata.name))
    .map(({ metadata, spec }) => ({ place: `${overlay.name}/${metadata.name}`, pod: spec!.template! })),
);

describe('the pods of the services', () => {
  it('are there in every overlay', () => {
    expect(deployments).toHaveLength(readOverlays().length * SHOP.length);
  });

  it.each(deployments)('have time enough to go: $place', ({ pod }) => {
    expect(timeFaults(pod)).toEqual([]);
  });
});

describe('the times', () => {
  it('add up', () => {
    expect(GRACE_SECONDS).toBeGreaterThan(PRE_STOP_SECONDS + DRAIN_SECONDS_MAX);
    expect(LAME_DUCK_SECONDS_MAX).toBeLessThan(DRAIN_SECONDS_MAX / 2);
  });
});

describe('negative control: a pod is refused that', () => {
  const pod = (graceSeconds: number, seconds?: number): IPodTemplateSpec => ({
    spec: {
      terminationGracePeriodSeconds: graceSeconds,
      containers: [
        { name: 'cart', ...(seconds !== undefined && { lifecycle: { preStop: { sleep: { seconds } } } }) },
      ],
    },
  });

  it('is killed before it has drained', () => {
    expect(timeFaults(pod(40, 10))).toEqual(['cart needs 40 s to go and is killed after 40']);
  });

  it('does not wait', () => {
    expect(timeFaults(pod(45))).toEqual(['cart does not wait before it goes']);
  });
});
