// How each service grows, and why by these numbers. Who answers customers first and foremost grows by processor time and requests
// (an HPA); who above all works off events grows by how far it is behind (KEDA), and never beyond its partitions: a replica more
// would have nothing to read. What a rule makes of a load is in docs/scaling.md.
import type { Process } from '#contracts/process.ts';
import { platformConsole } from '#contracts/processes.ts';
import {
  cartService,
  notificationService,
  orderService,
  paymentService,
  productService,
  SERVICES,
  storefront,
  userService,
} from '#contracts/shop-processes.ts';

/** A number, where it comes from, and why it is this one. */
export interface Figure {
  readonly value: number;
  /** Seen in a run that k8s/load/measured.json records, or derived and not yet seen. */
  readonly from: 'measured' | 'modelled';
  readonly because: string;
}

export interface Scaling {
  /** `requests`: an HPA on processor time and requests a second. `lag`: a KEDA ScaledObject on lag and processor time. `processor`: on that alone. */
  readonly by: 'requests' | 'lag' | 'processor';
  readonly replicasMin: Figure;
  /** On a laptop's cluster, where nothing need survive the loss of a node. */
  readonly replicasMinLocal: Figure;
  readonly replicasMax: Figure;
  /** On a laptop's cluster. @default `replicasMax` */
  readonly replicasMaxLocal?: Figure;
  /** Mean use of processor time of the replicas, in per cent of the request (sizes.ts). */
  readonly cpuPercent: Figure;
  /** Of one replica. Only where `by` is `requests`. */
  readonly requestsPerSecond?: Figure;
  /** Records behind the end of the log that one replica may have before there is another. Only where `by` is `lag`. */
  readonly lagRecords?: Figure;
}

const modelled = (value: number, because: string): Figure => ({ value, from: 'modelled', because });

const REPLICAS_MIN = modelled(2, 'one may go, with its node or for a new version, and another answers');
const REPLICAS_MIN_LOCAL = modelled(1, 'a laptop has one node, and memory for one of each');
const CPU_PERCENT = modelled(
  70,
  'a replica more is ready in about a minute; until then the others have 30 % to take what comes',
);

/** Replicas beyond this would have no partition of the topic with the fewest. */
function partitionsOf({ name, consumes }: Process): Figure {
  const fewest = Math.min(...consumes.map(({ partitions }) => partitions));
  return modelled(fewest, `${name} has no partition for one more (contracts/)`);
}

const common = {
  replicasMin: REPLICAS_MIN,
  replicasMinLocal: REPLICAS_MIN_LOCAL,
  cpuPercent: CPU_PERCENT,
};

const SCALING: ReadonlyMap<string, Scaling> = new Map<string, Scaling>([
  [
    userService.name,
    {
      ...common,
      by: 'requests',
      replicasMax: modelled(10, 'it reads no topic; Postgres gives each replica its connections'),
      requestsPerSecond: modelled(
        20,
        'six passwords a second are hashed, two at a time; as long as a quarter of the requests signs in',
      ),
    },
  ],
  [
    orderService.name,
    {
      ...common,
      by: 'requests',
      replicasMax: partitionsOf(orderService),
      requestsPerSecond: modelled(
        50,
        'a third of what one replica answered at its fastest step (docs/scaling.md): 141 a second',
      ),
    },
  ],
  [
    paymentService.name,
    {
      ...common,
      by: 'requests',
      replicasMax: partitionsOf(paymentService),
      requestsPerSecond: modelled(20, 'as for order: webhooks of the provider take no more than an order'),
    },
  ],
  [
    storefront.name,
    {
      ...common,
      by: 'processor',
      replicasMax: modelled(6, 'it draws and compresses pages; nobody has measured yet how many a second'),
      replicasMaxLocal: modelled(
        1,
        'a browser must stay with one replica, and no Ingress of a laptop promises that',
      ),
    },
  ],
  [
    platformConsole.name,
    {
      ...common,
      by: 'processor',
      replicasMin: modelled(1, 'a few operators look at it, and its pages say when it is away'),
      replicasMax: modelled(2, 'each replica reads the topics for itself'),
    },
  ],
  [productService.name, { ...common, by: 'lag', ...onLag(productService) }],
  [cartService.name, { ...common, by: 'lag', ...onLag(cartService) }],
  [notificationService.name, { ...common, by: 'lag', ...onLag(notificationService) }],
]);

function onLag(service: Process): Pick<Scaling, 'replicasMax' | 'lagRecords'> {
  return {
    replicasMax: partitionsOf(service),
    lagRecords: modelled(100, 'four seconds of work at the 25 orders a second that bench:checkout streams'),
  };
}

/** A new service scales as the others of its kind do. */
export const scalingOf = (service: Process): Scaling => SCALING.get(service.name) ?? unknown(service);

const unknown = (service: Process): Scaling =>
  service.consumes.length > 0
    ? { ...common, by: 'lag', ...onLag(service) }
    : {
        ...common,
        by: 'requests',
        replicasMax: modelled(6, 'as many as the others may have'),
        requestsPerSecond: modelled(50, 'as order, until somebody measures it'),
      };

/** Every service, in the order of the contracts. */
export const scalings = (): (readonly [service: Process, scaling: Scaling])[] =>
  SERVICES.map((service) => [service, scalingOf(service)] as const);
