// The load in the cluster: k6 sends the journeys of scenario/ through the shop's services every six hours, and writes what it sees to
// Prometheus. A small one, to know every day that customers can buy; for more, run the Job with another LOAD_PROFILE.
import { Construct } from 'constructs';
import type { ICronJob } from 'kubernetes-models/batch/v1';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IConfigMap, IPodTemplateSpec, IServiceAccount } from 'kubernetes-models/v1';
import { addressInCluster } from '#contracts/deployed-settings.ts';
import type { Process } from '#contracts/process.ts';
import { SERVICES_NAMESPACE } from '#contracts/processes.ts';
import {
  cartService,
  notificationService,
  orderService,
  productService,
  userService,
} from '#contracts/shop-processes.ts';
import { imageOf } from '../images.ts';
import { NAMESPACES } from '../namespaces.ts';
import type { Overlay } from '../overlays.ts';
import { addObject, partOf } from '../part.ts';
import { bundleScript } from './k6/bundle.ts';
import { k6SecondsMax } from './k6/options.ts';
import { PROFILE_NAMES, type ProfileName, profileOf } from './scenario/profiles.ts';

export const K6 = 'k6';
export const K6_LABELS = { 'app.kubernetes.io/name': K6, 'app.kubernetes.io/part-of': NAMESPACES.load };

/** Not at the full hour, when everybody's schedules begin. */
const SCHEDULE = '17 */6 * * *';
/** A start that was missed for longer waits for the next. */
const STARTING_DEADLINE_S = 600;
/** Kept for reading its log. */
const KEPT_S = 86_400;
const PROFILE: ProfileName = 'smoke';
/** A user without rights; the image's own is 12345. */
const USER_ID = 10_001;
const PROMETHEUS = { name: 'prometheus', port: 9_090 };
const DNS = 53;
const SCRIPT = 'load.js';
const SCRIPT_FOLDER = '/scripts';

/**
 * The services that k6 calls. On a laptop's cluster mails are in the mailbox of the notification service, so customers register and
 * buy; on AWS mails are really sent and the load cannot read them, so its customers only look around.
 */
export const calledServices = ({ kind }: Overlay): readonly Process[] =>
  kind === 'local'
    ? [userService, productService, cartService, orderService, notificationService]
    : [productService];

export class ScheduledLoad extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { overlay } = partOf(this).props;
    const metadata = { name: K6, labels: K6_LABELS };
    addObject(this, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata,
      automountServiceAccountToken: false,
    } satisfies IServiceAccount);
    addObject(this, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { [SCRIPT]: bundleScript() },
    } satisfies IConfigMap);
    addObject(this, networkRules(overlay));
    addObject(this, {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata,
      spec: {
        schedule: SCHEDULE,
        timeZone: 'Etc/UTC',
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: STARTING_DEADLINE_S,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 1,
        suspend: false,
        jobTemplate: {
          metadata: { labels: K6_LABELS },
          spec: {
            // Thresholds that were exceeded are an answer, no reason to ask again.
            backoffLimit: 0,
            // Of the longest profile, so that a Job by hand may run any.
            activeDeadlineSeconds: Math.max(...PROFILE_NAMES.map((name) => k6SecondsMax(profileOf(name)))),
            ttlSecondsAfterFinished: KEPT_S,
            template: pod(overlay),
          },
        },
      },
    } satisfies ICronJob);
  }
}

function pod(overlay: Overlay): IPodTemplateSpec {
  return {
    metadata: { labels: K6_LABELS },
    spec: {
      serviceAccountName: K6,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER_ID,
        runAsGroup: USER_ID,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [container(overlay)],
      volumes: [
        { name: 'script', configMap: { name: K6 } },
        { name: 'tmp', emptyDir: { sizeLimit: '16Mi' } },
      ],
    },
  };
}

function container(overlay: Overlay): NonNullable<IPodTemplateSpec['spec']>['containers'][number] {
  return {
    name: K6,
    image: imageOf(overlay, K6),
    imagePullPolicy: 'IfNotPresent',
    args: [
      'run',
      '--quiet',
      '--no-usage-report',
      // The pod's name distinguishes runs.
      '--tag',
      'testid=$(POD_NAME)',
      '--out',
      'experimental-prometheus-rw',
      `${SCRIPT_FOLDER}/${SCRIPT}`,
    ],
    env: environment(overlay),
    // Five virtual users, each with its own JavaScript engine; estimated, and not measured in a cluster.
    resources: {
      requests: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '32Mi' },
      limits: { memory: '256Mi', 'ephemeral-storage': '32Mi' },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'script', mountPath: SCRIPT_FOLDER, readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}

/** k6's own settings: grafana.com/docs/k6/latest/results-output/real-time/prometheus-remote-write, read on 2026-11-28. */
function environment(overlay: Overlay) {
  const { name, port } = PROMETHEUS;
  const values = {
    LOAD_PROFILE: PROFILE,
    ...Object.fromEntries(
      calledServices(overlay).map((service) => [
        `${service.name.toUpperCase()}_SERVICE_URL`,
        addressInCluster(service),
      ]),
    ),
    K6_PROMETHEUS_RW_SERVER_URL: `http://${name}.${NAMESPACES.observability}.svc.cluster.local:${port}/api/v1/write`,
    K6_PROMETHEUS_RW_TREND_STATS: 'p(50),p(95),p(99)',
    // Series of a run that is over end at once.
    K6_PROMETHEUS_RW_STALE_MARKERS: 'true',
  };
  return [
    { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    ...Object.entries(values).map(([name, value]) => ({ name, value })),
  ];
}

/** To the services that it calls, to Prometheus, to DNS; nothing comes in. */
function networkRules(overlay: Overlay): INetworkPolicy {
  const inNamespace = (namespace: string, podLabels: Record<string, string>) => [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      podSelector: { matchLabels: podLabels },
    },
  ];
  const on = (port: number, protocol: 'TCP' | 'UDP' = 'TCP') => ({ protocol, port });
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: K6, labels: K6_LABELS },
    spec: {
      podSelector: { matchLabels: K6_LABELS },
      policyTypes: ['Ingress', 'Egress'],
      egress: [
        ...calledServices(overlay).map(({ name, port }) => ({
          to: inNamespace(SERVICES_NAMESPACE, { 'app.kubernetes.io/name': name }),
          ports: [on(port!)],
        })),
        {
          to: inNamespace(NAMESPACES.observability, { 'app.kubernetes.io/name': PROMETHEUS.name }),
          ports: [on(PROMETHEUS.port)],
        },
        {
          to: inNamespace('kube-system', { 'k8s-app': 'kube-dns' }),
          ports: [on(DNS, 'UDP'), on(DNS)],
        },
      ],
    },
  };
}
