import { fires, growing, type Proof, type SeriesOverTime, silent, still } from './proof.ts';

const CONTAINER = { namespace: 'shop', pod: 'order-1', container: 'order' };
const ofContainer = (metric: string, values: string, more = ''): SeriesOverTime => ({
  [`${metric}{namespace="shop",pod="order-1",container="order"${more}}`]: values,
});
const deployment = (metric: string, values: string): SeriesOverTime => ({
  [`${metric}{namespace="shop",deployment="order"}`]: values,
});
const scaler = (metric: string, values: string): SeriesOverTime => ({
  [`kube_horizontalpodautoscaler_${metric}{namespace="shop",horizontalpodautoscaler="order"}`]: values,
});
const volume = (metric: string, values: string): SeriesOverTime => ({
  [`kubelet_volume_stats_${metric}_bytes{namespace="observability",persistentvolumeclaim="data"}`]: values,
});
const VOLUME = { namespace: 'observability', persistentvolumeclaim: 'data' };
const LONG = 600;

export const cluster: readonly Proof[] = [
  {
    alert: 'PodCrashLooping',
    cases: [
      fires(
        'it ends after each start',
        15,
        ofContainer('kube_pod_container_status_waiting_reason', still(1), ',reason="CrashLoopBackOff"'),
        CONTAINER,
      ),
      silent(
        'its image is being pulled',
        15,
        ofContainer('kube_pod_container_status_waiting_reason', still(1), ',reason="ContainerCreating"'),
      ),
    ],
  },
  {
    alert: 'PodOutOfMemory',
    cases: [
      fires(
        'it was killed for memory',
        10,
        {
          ...ofContainer('kube_pod_container_status_restarts_total', '0+0x5 1+0x30'),
          ...ofContainer(
            'kube_pod_container_status_last_terminated_reason',
            '_x5 1+0x30',
            ',reason="OOMKilled"',
          ),
        },
        CONTAINER,
      ),
      silent('that was yesterday', 50, {
        ...ofContainer('kube_pod_container_status_restarts_total', still(1)),
        ...ofContainer('kube_pod_container_status_last_terminated_reason', still(1), ',reason="OOMKilled"'),
      }),
      silent('it ended by itself', 10, {
        ...ofContainer('kube_pod_container_status_restarts_total', '0+0x5 1+0x30'),
        ...ofContainer('kube_pod_container_status_last_terminated_reason', '_x5 1+0x30', ',reason="Error"'),
      }),
    ],
  },
  {
    alert: 'ReplicasMissing',
    cases: [
      fires(
        'one of two is not ready',
        20,
        {
          ...deployment('kube_deployment_spec_replicas', still(2)),
          ...deployment('kube_deployment_status_replicas_available', still(1)),
        },
        { namespace: 'shop', deployment: 'order' },
      ),
      silent('a rollout takes a few minutes', 30, {
        ...deployment('kube_deployment_spec_replicas', still(2)),
        ...deployment('kube_deployment_status_replicas_available', '2+0x5 1+0x5 2+0x40'),
      }),
    ],
  },
  {
    alert: 'ScalerAtMaximum',
    cases: [
      fires(
        'it wants all that it may have',
        20,
        { ...scaler('status_desired_replicas', still(6)), ...scaler('spec_max_replicas', still(6)) },
        {
          namespace: 'shop',
          horizontalpodautoscaler: 'order',
        },
      ),
      silent('it has room', 20, {
        ...scaler('status_desired_replicas', still(5)),
        ...scaler('spec_max_replicas', still(6)),
      }),
    ],
  },
  {
    alert: 'KubernetesJobFailed',
    cases: [
      fires(
        'it gave up',
        5,
        { 'kube_job_failed{namespace="load",job_name="k6-1",condition="true"}': still(1) },
        {
          namespace: 'load',
          job_name: 'k6-1',
        },
      ),
      silent('it did not', 5, {
        'kube_job_failed{namespace="load",job_name="k6-1",condition="false"}': still(1),
      }),
    ],
  },
  {
    alert: 'NodeNotReady',
    cases: [
      fires(
        'its kubelet is silent',
        15,
        { 'kube_node_status_condition{node="n1",condition="Ready",status="unknown"}': still(1) },
        {
          node: 'n1',
        },
      ),
      silent('it is ready', 15, {
        'kube_node_status_condition{node="n1",condition="Ready",status="true"}': still(1),
        'kube_node_status_condition{node="n1",condition="Ready",status="false"}': still(0),
        'kube_node_status_condition{node="n1",condition="Ready",status="unknown"}': still(0),
      }),
    ],
  },
  {
    alert: 'VolumeFilling',
    cases: [
      fires(
        'it empties by the hour',
        200,
        { ...volume('available', `3000-1x${LONG}`), ...volume('capacity', still(10_000, LONG)) },
        VOLUME,
      ),
      silent('it is half full and fills', 200, {
        ...volume('available', `6000-1x${LONG}`),
        ...volume('capacity', still(10_000, LONG)),
      }),
      silent('it is rather full and stays so', 200, {
        ...volume('available', still(3_000, LONG)),
        ...volume('capacity', still(10_000, LONG)),
      }),
    ],
  },
  {
    alert: 'VolumeFull',
    cases: [
      fires(
        'hardly anything is free',
        5,
        { ...volume('available', still(300)), ...volume('capacity', still(10_000)) },
        VOLUME,
      ),
      silent('a tenth is free', 5, {
        ...volume('available', still(1_000)),
        ...volume('capacity', still(10_000)),
      }),
    ],
  },
  {
    // promtool's clock begins with zero.
    alert: 'CertificateExpiring',
    cases: [
      fires(
        'it ends in ten days',
        90,
        { 'probe_ssl_earliest_cert_expiry{instance="https://shop.example"}': still(864_000, 120) },
        {
          instance: 'https://shop.example',
        },
      ),
      silent('it ends in fifty days', 90, {
        'probe_ssl_earliest_cert_expiry{instance="https://shop.example"}': still(4_320_000, 120),
      }),
    ],
  },
  {
    alert: 'ExporterGone',
    cases: [
      fires(
        'no program reports on the cluster',
        20,
        { 'probe_ssl_earliest_cert_expiry{instance="a"}': still(1) },
        {
          exporter: 'kube-state-metrics',
        },
      ),
      fires(
        'no probe looks at the certificate',
        20,
        { 'kube_node_info{node="n1"}': still(1) },
        { exporter: 'blackbox' },
      ),
      silent('both do', 20, {
        'kube_node_info{node="n1"}': still(1),
        'probe_ssl_earliest_cert_expiry{instance="a"}': still(1),
      }),
    ],
  },
  {
    alert: 'Watchdog',
    cases: [fires('always', 0, {}, {}), fires('always', 10, { unrelated: growing(1) }, {})],
  },
];
