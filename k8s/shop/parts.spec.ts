// What every overlay has of the shop, and how much of it a new service gets without another line.
import { describe, expect, it } from '@jest/globals';
import { App } from 'cdk8s';
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IService } from 'kubernetes-models/v1';
import type { Process } from '#contracts/process.ts';
import { cartService, SERVICES, SHOP } from '#contracts/shop-processes.ts';
import { GRACE_SECONDS, PRE_STOP_SECONDS } from '#contracts/shutdown.ts';
import { type Overlay, readOverlays } from '../overlays.ts';
import type { KubeObject, Part } from '../part.ts';
import { shopParts } from './parts.ts';
import { sizeOf } from './sizes.ts';

const OVERLAYS = readOverlays();
const local = OVERLAYS[0]!;
const prod = OVERLAYS.find(({ name }) => name === 'aws-prod')!;
const EACH = OVERLAYS.flatMap((overlay) =>
  SHOP.map((service) => [overlay.name, service.name, overlay, service] as const),
);

const partsBy = (overlay: Overlay, services?: readonly Process[]): Map<string, Part> =>
  new Map(shopParts(new App(), overlay, services).map((part) => [part.node.id, part]));
const objectsOf = (overlay: Overlay, part: string): KubeObject[] =>
  partsBy(overlay).get(part)!.toJson() as KubeObject[];
const namesOf = (objects: readonly KubeObject[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata?.name}`).toSorted();
const podOf = (overlay: Overlay, service: string) =>
  (objectsOf(overlay, service).find(({ kind }) => kind === 'Deployment') as IDeployment).spec!.template;

const common = (name: string): string[] => [
  `ConfigMap ${name}-settings`,
  `Deployment ${name}`,
  `NetworkPolicy ${name}`,
  `PodDisruptionBudget ${name}`,
  `Service ${name}`,
  `ServiceAccount ${name}`,
];
/** Services with secrets of their own on AWS. */
const WITH_SECRETS = ['user', 'payment'];

describe.each(EACH)('in %s, %s', (_overlay, name, overlay, { port, opsPort, stores }) => {
  const isLocal = overlay.kind === 'local';
  const { metadata, spec } = podOf(overlay, name);
  const [container] = spec!.containers;

  it('is these objects and no others, all in the shop’s namespace', () => {
    const objects = objectsOf(overlay, name);
    expect(namesOf(objects)).toEqual(
      [
        ...common(name),
        ...(isLocal ? [`HorizontalPodAutoscaler ${name}`] : [`ScaledObject ${name}`]),
        ...(isLocal ? [] : [`ExternalSecret ${name}-facts`]),
        ...(!isLocal && WITH_SECRETS.includes(name) ? [`ExternalSecret ${name}-secrets`] : []),
      ].toSorted(),
    );
    for (const one of objects) expect(one.metadata?.namespace).toBe('shop');
  });

  it('answers at the ports of the contract, under its own account, for as long as the contract says', () => {
    expect(container!.ports).toEqual([
      { name: 'http', containerPort: port, protocol: 'TCP' },
      { name: 'metrics', containerPort: opsPort, protocol: 'TCP' },
    ]);
    expect(spec).toMatchObject({
      serviceAccountName: name,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: GRACE_SECONDS,
    });
    expect(container!.lifecycle).toEqual({ preStop: { sleep: { seconds: PRE_STOP_SECONDS } } });
    expect(metadata!.labels).toEqual({
      'app.kubernetes.io/name': name,
      'app.kubernetes.io/part-of': 'shop',
    });
  });

  it('has its secrets in files that nothing else in the pod may write, and only where it has some', () => {
    const secrets = spec!.volumes!.filter(({ secret }) => secret);
    // On a laptop the address of a database has a password in it.
    const hasSome = (isLocal && stores.includes('postgres')) || WITH_SECRETS.includes(name);
    expect(secrets.map(({ secret }) => secret!.secretName)).toEqual(hasSome ? [`${name}-secrets`] : []);
    for (const { secret } of secrets) expect(secret!.defaultMode).toBe(0o440);
    expect(container!.env!.map((one) => one.name)).toEqual([
      ...(hasSome ? ['SETTINGS_FOLDER'] : []),
      'NODE_OPTIONS',
    ]);
  });

  it('has a heap that its limit of memory has room for', () => {
    const options = container!.env!.find((one) => one.name === 'NODE_OPTIONS')!.value!;
    expect(options).toBe(
      `--enable-source-maps --max-old-space-size=${sizeOf(name).heapMiB} --max-semi-space-size=16`,
    );
    expect(container!.resources!.limits!.memory).toBe(sizeOf(name).memoryLimit);
  });

  it('runs on the general nodes, and on the compute nodes when the general ones are full', () => {
    if (overlay.kind === 'local') return expect(spec!.nodeSelector).toEqual({ 'kubernetes.io/os': 'linux' });
    expect(spec!.nodeSelector).toMatchObject({ 'kubernetes.io/arch': 'arm64' });
    const { nodeAffinity } = spec!.affinity!;
    expect(JSON.stringify(nodeAffinity!.requiredDuringSchedulingIgnoredDuringExecution)).toContain(
      '"key":"workload","operator":"In","values":["general","compute"]',
    );
    expect(JSON.stringify(nodeAffinity!.preferredDuringSchedulingIgnoredDuringExecution)).toContain(
      '"values":["general"]',
    );
    expect(spec!.tolerations).toEqual([
      { key: 'workload', operator: 'Equal', value: 'compute', effect: 'NoSchedule' },
    ]);
  });
});

describe('where the general nodes have processors of another kind', () => {
  if (prod.kind !== 'aws') throw new Error('prod is on AWS');
  const settings = structuredClone(prod.settings);
  settings.aws.eks.general.instanceTypes = ['m7i.large'];
  const { spec } = podOf({ ...prod, settings }, 'cart');

  it('a service runs there alone', () => {
    expect(spec!.nodeSelector).toMatchObject({ 'kubernetes.io/arch': 'amd64' });
    expect(JSON.stringify(spec!.affinity)).not.toContain('compute');
    expect(spec!.tolerations).toEqual([]);
  });
});

describe('a service’s own token', () => {
  it.each(OVERLAYS.map((overlay) => [overlay.name, overlay] as const))(
    'in %s is mounted only in notification, for the shop, in a separate folder',
    (_name, overlay) => {
      const holders = SHOP.filter(({ name }) =>
        podOf(overlay, name).spec!.volumes!.some(({ projected }) => projected),
      );
      expect(holders.map(({ name }) => name)).toEqual(['notification']);
      const { spec } = podOf(overlay, 'notification');
      const volume = spec!.volumes!.find(({ projected }) => projected)!;
      expect(volume.projected!.sources).toEqual([
        { serviceAccountToken: { audience: 'shop', expirationSeconds: 3_600, path: 'service-token' } },
      ]);
      const mount = spec!.containers[0]!.volumeMounts!.find(({ name }) => name === volume.name)!;
      expect(mount).toMatchObject({ mountPath: '/var/run/secrets/shop/token', readOnly: true });
      const { data } = objectsOf(overlay, 'notification').find(
        ({ kind }) => kind === 'ConfigMap',
      ) as unknown as { data: Record<string, string> };
      expect(data.SERVICE_TOKEN_FILE).toBe('/var/run/secrets/shop/token/service-token');
    },
  );
});

describe('the parts', () => {
  it('are the services, the pages, the way in and what must exist before: stores on AWS, keys on a laptop', () => {
    const services = SHOP.map(({ name }) => name);
    expect([...partsBy(prod).keys()]).toEqual(['shop-secrets', ...services, 'console', 'shop-way-in']);
    expect([...partsBy(local).keys()]).toEqual(['shop-token-keys', ...services, 'shop-way-in']);
    expect(namesOf(objectsOf(prod, 'shop-secrets'))).toEqual([
      'SecretStore parameter-store',
      'SecretStore secrets-manager',
    ]);
  });

  it('hand out no store beyond the shop’s namespace', () => {
    const objects = [...partsBy(prod).values()].flatMap((part) => part.toJson() as KubeObject[]);
    expect(objects.filter(({ kind }) => kind.startsWith('Cluster'))).toEqual([]);
  });
});

describe('the console', () => {
  it('is deployed on AWS alone, without a secret, and shows Google a token that was made for it', () => {
    expect(partsBy(local).has('console')).toBe(false);
    const names = namesOf(objectsOf(prod, 'console'));
    expect(names).toEqual(
      [...common('console'), 'ExternalSecret console-facts', 'ScaledObject console'].toSorted(),
    );
    const { volumes } = podOf(prod, 'console').spec!;
    expect(volumes!.flatMap(({ projected }) => projected?.sources ?? [])).toEqual([
      { serviceAccountToken: { audience: 'google', expirationSeconds: 3_600, path: 'token' } },
    ]);
    expect(volumes!.filter(({ secret }) => secret)).toEqual([]);
  });

  it('is what the storefront asks there, for admins alone', () => {
    const config = objectsOf(prod, 'storefront').find(({ kind }) => kind === 'ConfigMap');
    expect(config).toMatchObject({
      data: {
        CONSOLE_URL: 'http://console.shop.svc.cluster.local:4000',
        PLATFORM_FOR: 'admin',
        PLATFORM_CHANGES: 'off',
      },
    });
    expect(JSON.stringify(config)).not.toContain('FAULTS');
  });
});

describe('the address of the storefront', () => {
  const annotationsOf = (overlay: Overlay, name: string) =>
    (objectsOf(overlay, name).find(({ kind }) => kind === 'Service') as IService).metadata!.annotations;

  it('keeps a browser with one replica on AWS, and is the only one that does', () => {
    const [attributes, ...others] = Object.entries(annotationsOf(prod, 'storefront')!);
    expect(others).toEqual([]);
    expect(attributes![0]).toBe('alb.ingress.kubernetes.io/target-group-attributes');
    expect(attributes![1].split(',')).toEqual([
      // It stands instead of the Ingress's own, so it says these too.
      'deregistration_delay.timeout_seconds=30',
      'load_balancing.algorithm.type=least_outstanding_requests',
      'stickiness.enabled=true',
      'stickiness.type=lb_cookie',
      'stickiness.lb_cookie.duration_seconds=604800',
    ]);
    for (const { name } of SERVICES) expect(annotationsOf(prod, name)).toBeUndefined();
  });

  it('leads to one replica on a laptop, where nothing keeps a browser with one', () => {
    expect(annotationsOf(local, 'storefront')).toBeUndefined();
    const scaler = objectsOf(local, 'storefront').find(({ kind }) => kind === 'HorizontalPodAutoscaler');
    expect(scaler).toMatchObject({ spec: { minReplicas: 1, maxReplicas: 1 } });
  });
});

describe('a changed setting', () => {
  const hashOf = (overlay: Overlay, service: string) =>
    podOf(overlay, service).metadata!.annotations!['shop/settings-hash'];

  it('changes the pod, so that it is replaced; the same settings do not', () => {
    expect(hashOf(prod, 'order')).toBe(hashOf(prod, 'order'));
    expect(hashOf(prod, 'order')).not.toBe(hashOf(local, 'order'));
    expect(hashOf(prod, 'order')).not.toBe(hashOf(prod, 'notification'));
  });
});

describe('a new service in the contract', () => {
  // Its image is in the lock once `npm run build:images -- --lock` has run: here one takes the image of another program of ours.
  const name = 'topics';
  const services = [...SHOP, { ...cartService, name, port: 4_099, opsPort: 4_199 }];

  it.each(OVERLAYS.map((overlay) => [overlay.name, overlay] as const))(
    'is a whole part in %s, without another line',
    (_name, overlay) => {
      const objects = partsBy(overlay, services).get(name)!.toJson() as KubeObject[];
      const scaler = overlay.kind === 'local' ? 'HorizontalPodAutoscaler' : 'ScaledObject';
      expect(namesOf(objects)).toEqual(expect.arrayContaining([...common(name), `${scaler} ${name}`]));
    },
  );

  it('is admitted by the processes that it calls', () => {
    const user = partsBy(prod, services).get('user')!.toJson() as KubeObject[];
    const rules = user.find(({ kind }) => kind === 'NetworkPolicy');
    expect(JSON.stringify(rules)).toContain(`"app.kubernetes.io/name":"${name}"`);
  });
});
