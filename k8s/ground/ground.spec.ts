import { describe, expect, it } from '@jest/globals';
import { App } from 'cdk8s';
import { NAMESPACES, namespacesOf, privilegeOf } from '../namespaces.ts';
import { readOverlays } from '../overlays.ts';
import { addObject, type KubeObject, Part } from '../part.ts';
import { groundPart } from './ground-part.ts';
import { mibOf, millisOf } from './quantities.ts';
import { quotaOf } from './quota.ts';

const overlays = readOverlays();
const [local, dev] = [overlays[0]!, overlays[1]!];

/** A part of the shop with these objects. */
function partWith(...objects: KubeObject[]): Part {
  const part = new Part(new App(), 'some', {
    overlay: local,
    project: 'shop',
    wave: 'services',
    namespace: NAMESPACES.shop,
  });
  for (const object of objects) addObject(part, object);
  return part;
}

const container = (cpu: string, memory: string) => ({
  name: 'c',
  resources: { requests: { cpu, memory }, limits: { memory } },
});
const workload = (kind: string, name: string, containers: object[], more: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name },
  spec: { ...more, template: { spec: { containers } } },
});
const shopQuota = (...objects: KubeObject[]) => quotaOf(local, 'shop', [partWith(...objects)]);
const EMPTY = quotaOf(local, 'shop', []);
const podsBeyondRoom = (...objects: KubeObject[]) => Number(shopQuota(...objects).pods) - Number(EMPTY.pods);

describe('the quota of a namespace', () => {
  const deployment = workload('Deployment', 'order', [container('500m', '1Gi')]);
  const scaler = (kind: string, most: object): KubeObject => ({
    apiVersion: 'autoscaling/v2',
    kind,
    metadata: { name: 'order' },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'order' }, ...most },
  });

  it.each([
    ['HorizontalPodAutoscaler', { maxReplicas: 6 }],
    ['ScaledObject', { maxReplicaCount: 6 }],
  ])('admits what %s may ask for, old pods beside new ones', (kind, most) => {
    expect(podsBeyondRoom(deployment, scaler(kind, most))).toBe(12);
    const { 'requests.cpu': cpu, 'limits.memory': memory } = shopQuota(deployment, scaler(kind, most));
    expect(Number(cpu)).toBeGreaterThanOrEqual(6);
    expect(mibOf(memory!)).toBeGreaterThanOrEqual(12 * 1024);
  });

  it('counts one pod where there is no scaler, and ignores another Deployment’s scaler', () => {
    const other = { ...scaler('HorizontalPodAutoscaler', { maxReplicas: 6 }) };
    const elsewhere = {
      ...other,
      metadata: { name: 'x' },
      spec: { scaleTargetRef: { name: 'x' }, maxReplicas: 6 },
    };
    expect(podsBeyondRoom(deployment, elsewhere)).toBe(2);
  });

  it('counts pods of a set once, since each waits for the one before', () => {
    expect(podsBeyondRoom(workload('StatefulSet', 'kafka', [container('1', '1Gi')], { replicas: 3 }))).toBe(
      3,
    );
  });

  it('counts the greater of a pod’s preparation and its work', () => {
    const spec = {
      initContainers: [container('4', '1Gi')],
      containers: [container('1', '1Gi'), container('1', '1Gi')],
    };
    const object = {
      apiVersion: 'apps/v1',
      kind: 'Job',
      metadata: { name: 'j' },
      spec: { template: { spec } },
    };
    expect(shopQuota(object)).toMatchObject({ 'requests.cpu': '5', 'limits.memory': '3Gi' });
  });

  it('takes no objects of other namespaces', () => {
    expect(podsBeyondRoom({ ...deployment, metadata: { name: 'order', namespace: 'load' } })).toBe(0);
  });

  it('allows a load balancer, or a port of each node, only where the part says so', () => {
    expect(EMPTY).toMatchObject({ 'services.loadbalancers': '0', 'services.nodeports': '0' });
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's3' },
      spec: { type: 'NodePort', ports: [{ port: 80 }, { port: 81 }] },
    };
    expect(shopQuota(service)).toMatchObject({ 'services.loadbalancers': '0', 'services.nodeports': '2' });
  });
});

describe('amounts', () => {
  it('are read as Kubernetes writes them', () => {
    expect([millisOf('250m'), millisOf('1.5'), millisOf(2)]).toEqual([250, 1500, 2000]);
    expect([mibOf('192Mi'), mibOf('2Gi'), mibOf('1024Ki'), mibOf(1_048_576)]).toEqual([192, 2048, 1, 1]);
  });

  it.each(['', '12MB', '1e3', 'constructor'])('are refused in another form: %p', (text) => {
    expect(() => millisOf(text)).toThrow(TypeError);
    expect(() => mibOf(text)).toThrow(TypeError);
  });
});

describe.each(overlays.map((overlay) => [overlay.name, overlay] as const))(
  'the ground of %s',
  (_name, overlay) => {
    const objects = groundPart(new App(), overlay, []).toJson() as KubeObject[];
    const of = (kind: string) => objects.filter((object) => object.kind === kind);

    it('enforces what pods may do, and says why where that is more than restricted', () => {
      for (const { metadata } of of('Namespace')) {
        const { labels = {}, annotations = {} } = metadata as Partial<
          Record<'labels' | 'annotations', Record<string, string>>
        >;
        const level = labels['pod-security.kubernetes.io/enforce'];
        expect([level, annotations['shop/privileged-because']]).toEqual([
          level === 'restricted' ? 'restricted' : 'privileged',
          level === 'restricted' ? undefined : expect.stringMatching(/.{40}/),
        ]);
      }
    });

    it('denies all traffic in and out of each namespace, except DNS queries', () => {
      const names = namespacesOf(overlay)
        .map((name) => NAMESPACES[name])
        .toSorted();
      const denying = of('NetworkPolicy').filter(({ metadata }) => metadata!.name === 'default-deny');
      expect(new Set(denying.map(({ metadata }) => metadata!.namespace))).toEqual(new Set(names));
      for (const { spec } of denying as { spec?: unknown }[])
        expect(spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
      const dns = of('NetworkPolicy').filter(({ metadata }) => metadata!.name === 'allow-dns');
      expect(dns).toHaveLength(names.length);
    });

    it('keeps the namespace in which ArgoCD itself runs', () => {
      const argocd = of('Namespace').find(({ metadata }) => metadata!.name === 'argocd');
      expect(argocd?.metadata).toMatchObject({
        annotations: { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' },
      });
    });
  },
);

it('programs that look at their nodes have a namespace of their own', () => {
  const privileged = namespacesOf(dev).filter((name) => privilegeOf(name) !== undefined);
  expect(privileged).toEqual(['nodeAgents']);
});
