// Which program calls which: our own processes as `contracts/` declares it, programs of others as this table does. What is open in an
// overlay and is missing here is a hole; what is listed here and not open does not work.
import { settingsOf } from '#contracts/deployed-settings.ts';
import type { Process } from '#contracts/process.ts';
import { PROCESSES, SERVICES_NAMESPACE } from '#contracts/processes.ts';
import type { Content } from './content.ts';
import type { Edge } from './network.ts';
import { portsOf, programOf } from './network.ts';

/** Programs of others: caller, called, port (`*`: every program that the pattern matches), and the purpose. */
interface PlatformCall {
  readonly from: RegExp;
  readonly to: RegExp;
  /** By its name at the container. */
  readonly port: RegExp;
  /** @default all */
  readonly overlays?: RegExp;
  readonly because: string;
}

export const PLATFORM_CALLS: readonly PlatformCall[] = [
  { from: /^data\/topics$/, to: /^data\/kafka$/, port: /^kafka$/, because: 'it makes the topics' },
  {
    from: /^data\/databases$/,
    to: /^data\/postgres$/,
    port: /^postgres$/,
    because: 'it makes roles and schemas',
  },
  {
    from: /^shop\/sample-products$/,
    to: /^data\/postgres$/,
    port: /^postgres$/,
    because: 'it puts the sample catalogue in place, as the user of the product service',
  },
  { from: /^data\/s3$/, to: /^data\/kafka$/, port: /^kafka$/, because: 'the image function runs in it' },
  {
    from: /^analytics\/(flink-trigger|back-to-node)$/,
    to: /^analytics\/flink-jobmanager$/,
    port: /^(rest|gateway)$/,
    because: 'it starts and stops the job',
  },
  {
    from: /^analytics\/(flink-trigger|back-to-node|flink-jobmanager|flink-taskmanager)$/,
    to: /^data\/kafka$/,
    port: /^kafka$/,
    because:
      'the job reads the log, the JobManager finds its partitions, and a trigger asks where it begins and ends',
  },
  {
    from: /^analytics\/(flink-trigger|back-to-node|flink-taskmanager)$/,
    to: /^data\/postgres$/,
    port: /^postgres$/,
    because: 'the job writes what it counts, and a trigger begins and ends runs',
  },
  {
    from: /^analytics\/flink-taskmanager$/,
    to: /^analytics\/flink-jobmanager$/,
    port: /^(rpc|blob)$/,
    because: 'it offers its slots, and fetches what it is to run',
  },
  {
    from: /^analytics\/flink-jobmanager$/,
    to: /^analytics\/flink-taskmanager$/,
    port: /^(rpc|queries)$/,
    because: 'it gives tasks, and shows their metrics on its page',
  },
  {
    from: /^observability\/prometheus$/,
    to: /^(shop|data|analytics|observability)\//,
    port: /^(metrics|ops)$/,
    because: 'it reads metrics, each on the port that is for them',
  },
  {
    from: /^observability\/prometheus$/,
    to: /^analytics\/analytics$/,
    port: /^http$/,
    because: 'the worker has its metrics where it is asked for its health',
  },
  {
    from: /^observability\/prometheus$/,
    to: /^observability\/alertmanager$/,
    port: /^http$/,
    because: 'it hands on what fires',
  },
  {
    from: /^observability\/grafana$/,
    to: /^observability\/(prometheus|alertmanager|loki|tempo)$/,
    port: /^http$/,
    because: 'its boards ask them',
  },
  {
    from: /^observability\/alloy$/,
    to: /^observability\/loki$/,
    port: /^http$/,
    because: 'it hands logs on',
  },
  {
    from: /^observability\/alloy$/,
    to: /^observability\/tempo$/,
    port: /^otlp/,
    because: 'it hands spans on',
  },
  {
    from: /^load\/k6$/,
    to: /^shop\/(user|product|cart|order|notification)$/,
    port: /^http$/,
    overlays: /^local$/,
    because: 'journeys of customers begin there; no journey calls payment',
  },
  {
    from: /^load\/k6$/,
    to: /^shop\/product$/,
    port: /^http$/,
    overlays: /^aws-/,
    because: 'where mails are really sent no customer can register, and the load only looks around',
  },
  {
    from: /^load\/k6$/,
    to: /^observability\/prometheus$/,
    port: /^http$/,
    because: 'it writes there what it measured',
  },
];

/** Called by clients without a label, the API server and browsers: their ports are open to all, and a caller that may reach them need not. */
const OPEN_FOR_EVERYBODY = /^(kube-system\/metrics-server:10250|data\/s3:4566)$/;

/** Whether a connection is open by necessity. */
export const isOpenForEverybody = ({ to, port }: Edge): boolean => OPEN_FOR_EVERYBODY.test(`${to}:${port}`);

const isInCluster = ({ runsOn }: Process): boolean => runsOn === 'eks';

const sendsSpans = (process: Process): boolean =>
  isInCluster(process) && settingsOf(process).OTEL_EXPORTER_OTLP_ENDPOINT?.from !== 'nowhere';

/** Programs that a process calls, by its own declaration. */
function askedBy(process: Process): readonly { readonly program: string; readonly port: RegExp }[] {
  const speaksKafka = process.consumes.length + process.publishes.length > 0;
  return [
    ...(process.calls ?? []).map((name) => ({ program: `${SERVICES_NAMESPACE}/${name}`, port: /^http$/ })),
    ...(speaksKafka ? [{ program: 'data/kafka', port: /^(kafka|clients?|broker)$/ }] : []),
    // Services sign addresses of S3 for browsers, and do not ask it.
    ...process.stores
      .filter((store) => store !== 's3')
      .map((store) => ({ program: `data/${store}`, port: /^(?!ops|metrics)/ })),
    ...(sendsSpans(process) ? [{ program: 'observability/alloy', port: /^otlp/ }] : []),
  ];
}

/** Calls that must be possible among the pods of an overlay. */
export function declaredCalls(content: Content): Edge[] {
  const pods = content.pods();
  const programs = new Set(pods.map(programOf));
  const ofProcesses = PROCESSES.flatMap((process) => {
    const from = isInCluster(process)
      ? `${SERVICES_NAMESPACE}/${process.name}`
      : `${process.name}/${process.name}`;
    if (!programs.has(from)) return [];
    return askedBy(process).flatMap(({ program, port }) =>
      edgesTo(content, from, (to) => to === program, port),
    );
  });
  const ofOthers = PLATFORM_CALLS.filter(({ overlays = /./ }) => overlays.test(content.overlay)).flatMap(
    ({ from, to, port }) =>
      [...programs]
        .filter((program) => from.test(program))
        .flatMap((program) => edgesTo(content, program, (other) => to.test(other), port)),
  );
  return [...ofProcesses, ...ofOthers];
}

const edgesTo = (
  content: Content,
  from: string,
  isAsked: (program: string) => boolean,
  port: RegExp,
): Edge[] =>
  content
    .pods()
    .filter((pod) => isAsked(programOf(pod)))
    .flatMap((pod) =>
      portsOf(pod)
        .filter(({ name = '' }) => port.test(name))
        .map(({ containerPort }) => ({ from, to: programOf(pod), port: containerPort })),
    );
