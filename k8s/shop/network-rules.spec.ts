// The graph that contracts/processes.ts declares is what the services' settings name, and what their network rules open: no more.
import { describe, expect, it } from '@jest/globals';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { type SettingSources, settingsOf } from '#contracts/deployed-settings.ts';
import type { OutsideService, Process } from '#contracts/process.ts';
import { ON_EKS, platformConsole } from '#contracts/processes.ts';
import { SERVICES } from '#contracts/shop-processes.ts';
import { inRoom, PORTS } from '../observability/addresses.ts';
import { TRACES_NETWORK } from '../observability/aws/network.ts';
import { type AwsOverlay, type Overlay, readOverlays } from '../overlays.ts';
import { localSettingsOf } from './local-settings.ts';
import { networkRules } from './network-rules.ts';
import { processesIn } from './processes-in.ts';
import { pathsOf, readApi } from './routes.ts';

const OVERLAYS = readOverlays();
const local = OVERLAYS[0]!;
const prod = OVERLAYS.find(({ name }) => name === 'aws-prod') as AwsOverlay;
const EACH = ON_EKS.map((service) => [service.name, service] as const);

/** Services that a table of settings gives addresses of. */
const namedIn = (sources: SettingSources): string[] => [
  ...new Set(
    Object.values(sources).flatMap((source) =>
      source.from === 'constant'
        ? [...source.value.matchAll(/\/\/([a-z]+)\.shop\.svc\.cluster\.local/g)].map(([, name]) => name!)
        : [],
    ),
  ),
];

/** What a table of settings has a service do beyond the platform. */
function outsideOf(service: Process, sources: SettingSources): OutsideService[] {
  const uses: readonly (readonly [OutsideService, boolean])[] = [
    // Who answers other services looks up the keys of their tokens.
    ['service-account-keys', pathsOf(readApi(service)).inner.length > 0],
    ['stripe', sources.STRIPE_API_KEY !== undefined],
    ['google-apis', sources.GOOGLE_TOKEN_FILE !== undefined],
    ['ses', sources.MAIL_TRANSPORT?.from === 'constant' && sources.MAIL_TRANSPORT.value === 'ses'],
  ];
  return uses.flatMap(([name, isUsed]) => (isUsed ? [name] : []));
}

/** `name: port, port` of each peer of one direction, one line each. */
function peersOf({ spec }: INetworkPolicy, direction: 'ingress' | 'egress'): string[] {
  const rules = (direction === 'ingress' ? spec?.ingress : spec?.egress) ?? [];
  return rules.flatMap((rule) => {
    const peers = ('from' in rule ? rule.from : 'to' in rule ? rule.to : undefined) ?? [];
    const ports = (rule.ports ?? []).map(({ port }) => port).join(', ');
    return peers.map(({ ipBlock, namespaceSelector, podSelector }) => {
      const namespace = namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'];
      const pod = Object.values(podSelector?.matchLabels ?? {}).join();
      return `${ipBlock ? ipBlock.cidr : `${namespace ?? 'several'}/${pod}`}: ${ports}`;
    });
  });
}

const rulesOf = (overlay: Overlay, name: string): INetworkPolicy =>
  networkRules(overlay, ON_EKS.find((service) => service.name === name)!);

describe('the declared graph', () => {
  it.each(EACH)('lists the processes that %s calls, as its settings do in the clouds', (_name, service) => {
    expect(namedIn(settingsOf(service))).toEqual(service.calls);
  });

  it.each(processesIn(local).map((service) => [service.name, service] as const))(
    'lists those that %s calls on a laptop, where there is no console',
    (_name, service) => {
      const called = service.calls?.filter((name) => name !== platformConsole.name);
      expect(namedIn(localSettingsOf(service))).toEqual(called);
    },
  );

  it.each(EACH)('lists what %s calls outside of the platform', (_name, service) => {
    expect(service.asksOutside ?? []).toEqual(outsideOf(service, settingsOf(service)));
  });

  it('negative control: reports a call that is not declared, or that no setting names', () => {
    const sources = settingsOf(SERVICES[0]!);
    const more: SettingSources = {
      ...sources,
      ORDER_SERVICE_URL: { from: 'constant', value: 'http://order.shop.svc.cluster.local:4014' },
    };
    expect(namedIn(more)).toEqual(['user', 'order']);
    const { TOKEN_JWKS_URL: _left, ...less } = sources;
    expect(namedIn(less)).toEqual([]);
    expect(outsideOf(SERVICES[0]!, { ...sources, STRIPE_API_KEY: { from: 'secret', secret: 'x' } })).toEqual([
      'service-account-keys',
      'stripe',
    ]);
  });
});

describe('the network rules', () => {
  it.each(OVERLAYS.map((overlay) => [overlay.name, overlay] as const))(
    'open each call at both ends, in %s',
    (_name, overlay) => {
      const there = processesIn(overlay);
      const calls = there
        .flatMap(({ name, calls = [] }) => calls.map((called) => [name, called] as const))
        .filter(([, called]) => there.some(({ name }) => name === called));
      expect(calls.length).toBeGreaterThanOrEqual(there.length);
      for (const [caller, called] of calls) {
        const { port } = there.find(({ name }) => name === called)!;
        expect(peersOf(rulesOf(overlay, caller), 'egress')).toContain(`shop/${called}: ${port}`);
        expect(peersOf(rulesOf(overlay, called), 'ingress')).toContain(`shop/${caller}: ${port}`);
      }
    },
  );

  it('let order reach DNS, keys, traces, its stores and the credentials of its role on AWS, and nothing else', () => {
    const stores = ['10.12.224.0/21', '10.12.232.0/21', '10.12.240.0/21'];
    expect(peersOf(rulesOf(prod, 'order'), 'egress')).toEqual([
      'kube-system/kube-dns: 53, 53',
      'shop/user: 4011',
      'observability/alloy: 4318',
      ...stores.map((range) => `${range}: 9098`),
      ...stores.map((range) => `${range}: 5432`),
      '169.254.170.23/32: 80',
    ]);
  });

  it('let the console alone read traces, and Tempo admits no other process of the shop', () => {
    const readers = ON_EKS.filter(({ name }) =>
      peersOf(rulesOf(prod, name), 'egress').includes('observability/tempo: 3200'),
    );
    expect(readers.map(({ name }) => name)).toEqual([platformConsole.name]);
    const [tempo] = TRACES_NETWORK;
    expect(peersOf(tempo!, 'ingress').filter((peer) => peer.startsWith('shop/'))).toEqual([
      `shop/${platformConsole.name}: 3200`,
    ]);
    expect(settingsOf(platformConsole).TRACES_URL).toEqual({
      from: 'constant',
      value: `http://${inRoom('tempo', PORTS.tempo)}/api/v2/traces`,
    });
  });

  it('admit to order requests through the load balancer, of the storefront and of the console, and Prometheus to its metrics, on AWS', () => {
    expect(peersOf(rulesOf(prod, 'order'), 'ingress')).toEqual([
      '10.12.192.0/21: 4014',
      '10.12.200.0/21: 4014',
      '10.12.208.0/21: 4014',
      'shop/storefront: 4014',
      'shop/console: 4014',
      'observability/prometheus: 4114',
    ]);
  });

  it('let payment reach the internet, but no address of a private network', () => {
    const { egress = [] } = rulesOf(prod, 'payment').spec!;
    const open = egress.flatMap(({ to = [] }) => to).filter(({ ipBlock }) => ipBlock?.cidr === '0.0.0.0/0');
    expect(open).toHaveLength(1);
    expect(open[0]!.ipBlock!.except).toEqual(expect.arrayContaining(['10.0.0.0/8', '169.254.0.0/16']));
  });

  it.each(OVERLAYS.map((overlay) => [overlay.name, overlay] as const))(
    'let the storefront of %s reach DNS, traces and the processes that it calls, and nothing else: no store, no right of AWS',
    (_name, overlay) => {
      expect(peersOf(rulesOf(overlay, 'storefront'), 'egress')).toEqual([
        'kube-system/kube-dns: 53, 53',
        'shop/user: 4011',
        'shop/product: 4012',
        'shop/cart: 4013',
        'shop/order: 4014',
        'shop/payment: 4015',
        ...(overlay.kind === 'aws' ? ['shop/console: 4000'] : []),
        'observability/alloy: 4318',
      ]);
    },
  );

  it('let the console reach the brokers, Cloud SQL through the tunnels, Tempo, Google by HTTPS and the processes whose health it shows', () => {
    const brokers = ['10.12.224.0/21', '10.12.232.0/21', '10.12.240.0/21'];
    expect(peersOf(rulesOf(prod, 'console'), 'egress')).toEqual([
      'kube-system/kube-dns: 53, 53',
      'shop/user: 4011',
      'shop/product: 4012',
      'shop/cart: 4013',
      'shop/order: 4014',
      'shop/payment: 4015',
      'shop/notification: 4016',
      'shop/storefront: 4010',
      'observability/alloy: 4318',
      ...brokers.map((range) => `${range}: 9098`),
      `${prod.settings.gcp.privateServicesRange}: 5432`,
      'observability/tempo: 3200',
      '169.254.170.23/32: 80',
      '0.0.0.0/0: 443',
    ]);
  });

  it('admit to the console the storefront alone, and Prometheus to its metrics: no load balancer', () => {
    expect(peersOf(rulesOf(prod, 'console'), 'ingress')).toEqual([
      'shop/storefront: 4000',
      'observability/prometheus: 4100',
    ]);
  });

  it.each(['product', 'cart', 'order'])('let %s reach nothing on the internet', (name) => {
    for (const overlay of OVERLAYS)
      expect(peersOf(rulesOf(overlay, name), 'egress').filter((peer) => peer.startsWith('0.0.0.0'))).toEqual(
        [],
      );
  });

  it('lead to the stand-ins of a laptop, and to its API server for a service that needs its keys', () => {
    expect(peersOf(rulesOf(local, 'user'), 'egress')).toEqual([
      'kube-system/kube-dns: 53, 53',
      'shop/user: 4011',
      'observability/alloy: 4318',
      'data/kafka: 9092',
      'data/postgres: 5432',
      '0.0.0.0/0: 443, 6443',
    ]);
    expect(peersOf(rulesOf(local, 'payment'), 'egress')).not.toContain('0.0.0.0/0: 443');
  });

  it('open nothing for a call that the contract no longer declares', () => {
    const services = SERVICES.map((service) =>
      service.name === 'notification' ? { ...service, calls: [] } : service,
    );
    const [user, notification] = [services[0]!, services.find(({ name }) => name === 'notification')!];
    const into = peersOf(networkRules(prod, user, services), 'ingress');
    expect(into).toContain('shop/order: 4011');
    expect(into).not.toContain('shop/notification: 4011');
    expect(peersOf(networkRules(prod, notification, services), 'egress')).not.toContain('shop/user: 4011');
  });
});
