// Who counts replicas, and by what. Numbers are those of scaling.ts; that they are good ones shows docs/scaling.md.
import { describe, expect, it } from '@jest/globals';
import type { IScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1';
import { parser } from '@prometheus-io/lezer-promql';
import { App } from 'cdk8s';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import type { Process } from '#contracts/process.ts';
import { orderService, SERVICES, SHOP, storefront } from '#contracts/shop-processes.ts';
import { type Overlay, readOverlays } from '../overlays.ts';
import { type KubeObject, Part } from '../part.ts';
import { addScaler } from './scaler.ts';

const OVERLAYS = readOverlays();
const local = OVERLAYS[0]!;
const prod = OVERLAYS.find(({ name }) => name === 'aws-prod')!;
const EACH = SHOP.map((service) => [service.name, service] as const);

function scalersOf(overlay: Overlay, service: Process): KubeObject[] {
  const part = new Part(new App(), 'part', { overlay, project: 'shop', wave: 'services', namespace: 'shop' });
  addScaler(part, service);
  return part.toJson() as KubeObject[];
}
const scaledObject = (service: Process) => scalersOf(prod, service)[0] as IScaledObject;
const partitionsOf = ({ consumes }: Process): number =>
  Math.max(...consumes.map(({ partitions }) => partitions));

describe('on AWS', () => {
  it.each(EACH)('%s has one scaler, which is KEDA’s, and an HPA with its name from it', (name, service) => {
    const scalers = scalersOf(prod, service);
    expect(scalers.map(({ kind }) => kind)).toEqual(['ScaledObject']);
    const { spec } = scaledObject(service);
    expect(spec.scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name });
    expect(spec.advanced?.horizontalPodAutoscalerConfig?.name).toBe(name);
  });

  it.each(EACH.filter(([, { consumes }]) => consumes.length > 0))(
    '%s never has a replica more than partitions to read',
    (_name, service) => {
      expect(scaledObject(service).spec.maxReplicaCount).toBeLessThanOrEqual(partitionsOf(service));
    },
  );

  it.each(EACH)('%s survives the loss of one replica, and never comes down to none', (_name, service) => {
    expect(scaledObject(service).spec.minReplicaCount).toBeGreaterThanOrEqual(2);
  });

  it.each(['order', 'payment'])('%s grows by processor time and by requests a second', (name) => {
    const service = SERVICES.find((one) => one.name === name)!;
    const triggers = scaledObject(service).spec.triggers;
    expect(triggers.map(({ type, name: trigger }) => trigger ?? type)).toEqual(['cpu', 'requests']);
    expect(triggers[1]!.metadata.query).toContain(`http_request_duration_seconds_count{process="${name}"}`);
  });

  it.each(['product', 'cart', 'notification'])('%s grows by how far it is behind', (name) => {
    const service = SERVICES.find((one) => one.name === name)!;
    const triggers = scaledObject(service).spec.triggers;
    expect(triggers.map(({ type, name: trigger }) => trigger ?? type)).toEqual(['cpu', 'lag']);
    expect(triggers[1]!.metadata.query).toContain(`kafka_consumer_lag_records{process="${name}"}`);
  });

  it('storefront grows by processor time alone, with no fallback, since KEDA has none for that', () => {
    const { fallback, triggers } = scaledObject(storefront).spec;
    expect(triggers.map(({ type }) => type)).toEqual(['cpu']);
    expect(fallback).toBeUndefined();
  });

  it.each(EACH.filter(([name]) => name !== 'storefront'))(
    '%s keeps the replicas that it has while its load is unknown',
    (_name, service) => {
      const { fallback, minReplicaCount, triggers } = scaledObject(service).spec;
      expect(fallback).toMatchObject({ behavior: 'currentReplicasIfHigher', replicas: minReplicaCount });
      const asked = triggers.filter(({ type }) => type === 'prometheus');
      expect(asked.length).toBeGreaterThan(0);
      // Nothing is no zero: but a service that runs and has nothing to do says 0.
      for (const { metadata, metricType } of asked) {
        expect(metadata.ignoreNullValues).toBe('false');
        expect(metadata.query).toMatch(/ or 0 \* count\(process_start_time_seconds\{process="[a-z]+"\}\)$/);
        expect(metricType).toBe('AverageValue');
      }
    },
  );
});

/** Whether Prometheus' own grammar takes it. */
function isPromql(query: string): boolean {
  let isSound = true;
  parser.parse(query).iterate({ enter: ({ type }) => void (isSound &&= !type.isError) });
  return isSound;
}

describe('what KEDA asks Prometheus', () => {
  const queries = SERVICES.flatMap((service) =>
    scaledObject(service).spec.triggers.flatMap(({ metadata }) => metadata.query ?? []),
  );

  it('is written in its language', () => {
    expect(queries).toHaveLength(SERVICES.length);
    expect(queries.filter((query) => !isPromql(query))).toEqual([]);
  });

  it('negative control: a bracket too few is seen', () => {
    expect(isPromql(queries[0]!.replace(')', ''))).toBe(false);
  });
});

describe('on a laptop', () => {
  it.each(EACH)('%s has one scaler, an HPA on processor time from one replica on', (name, service) => {
    const scalers = scalersOf(local, service);
    expect(scalers.map(({ kind }) => kind)).toEqual(['HorizontalPodAutoscaler']);
    const { spec } = scalers[0] as IHorizontalPodAutoscaler;
    expect(spec).toMatchObject({
      scaleTargetRef: { kind: 'Deployment', name },
      minReplicas: 1,
      metrics: [{ type: 'Resource', resource: { name: 'cpu' } }],
    });
    if (service.consumes.length > 0) expect(spec.maxReplicas).toBeLessThanOrEqual(partitionsOf(service));
  });
});

it('negative control: replicas beyond the partitions would be seen', () => {
  const narrow = {
    ...orderService,
    consumes: orderService.consumes.map((one) => ({ ...one, partitions: 3 })),
  };
  expect(scaledObject(orderService).spec.maxReplicaCount).toBeGreaterThan(partitionsOf(narrow));
});
