// The platform as boxes and arrows, and the same as tables. Both are drawn from the console's answer, which is the contract of the
// processes and how they are now; where boxes go follows from the arrows (diagram-layout.ts).
import type { Flow, Processes, ProcessShown } from '../../bff/platform-answers.ts';
import { type Arrow, type Box, LABEL, layOut } from './diagram-layout.ts';
import { rateText, shortText, wholeText } from './format.ts';
import type { ProcessesPartProps } from './props.ts';

const CLOUDS = [
  { cloud: 'aws', title: 'AWS' },
  { cloud: 'google-cloud', title: 'Google Cloud' },
] as const;
const RUNS_ON: Readonly<Record<ProcessShown['runsOn'], string>> = {
  eks: 'EKS',
  lambda: 'Lambda',
  'cloud-run-worker-pool': 'Cloud Run',
};
const STORES: Readonly<
  Record<ProcessShown['cloud'], Readonly<Record<ProcessShown['stores'][number], string>>>
> = {
  aws: { postgres: 'RDS', firestore: 'Firestore', gcs: 'Cloud Storage', s3: 'S3' },
  'google-cloud': { postgres: 'Cloud SQL', firestore: 'Firestore', gcs: 'Storage', s3: 'S3' },
};
const STATES: Readonly<Record<ProcessShown['state'], string>> = {
  ready: 'ready',
  degraded: 'in trouble',
  'not-ready': 'not ready',
  away: 'does not answer',
  'on-demand': 'runs on demand',
  reads: 'reads',
  'not-watched': 'not watched',
};

/** All flows between two processes as one arrow. */
interface Stream {
  readonly from: string;
  readonly to: string;
  readonly eventsPerS: number | null;
  readonly lag: number | null;
}

export function Diagram({ processes, locale }: ProcessesPartProps) {
  const streams = streamsOf(processes.flows);
  const items = processes.processes.map(({ name, cloud }) => ({
    name,
    area: CLOUDS.findIndex((one) => one.cloud === cloud),
  }));
  const { width, height, boxes, areas, arrows } = layOut(items, streams);
  return (
    <>
      {!processes.isBrokerThere && (
        <p class="notice">
          Kafka does not answer: how much flows, and how far behind who is, is not known now.
        </p>
      )}
      <svg
        class="diagram"
        viewBox={`0 0 ${Math.ceil(width)} ${Math.ceil(height)}`}
        role="img"
        aria-labelledby="diagram-words"
      >
        <title id="diagram-words">{sentence(processes)} The tables of the page say the same.</title>
        <Marker />
        {[...areas].map(([area, box]) => (
          <Area key={area} box={box} cloud={CLOUDS[area]!} />
        ))}
        {arrows.map((arrow, at) => (
          <path
            key={arrow.path}
            class="diagram-arrow"
            d={arrow.path}
            data-flow={flowState(streams[at]!)}
            marker-end="url(#diagram-head)"
          />
        ))}
        {arrows.map((arrow, at) => (
          <Label key={arrow.path} arrow={arrow} stream={streams[at]!} locale={locale} />
        ))}
        {processes.processes.map((process) => (
          <Node key={process.name} process={process} box={boxes.get(process.name)!} />
        ))}
      </svg>
    </>
  );
}

const Marker = () => (
  <defs>
    <marker
      id="diagram-head"
      viewBox="0 0 10 10"
      refX="9"
      refY="5"
      markerUnits="userSpaceOnUse"
      markerWidth="12"
      markerHeight="12"
      orient="auto"
    >
      <path class="diagram-head" d="M0 0 10 5 0 10z" />
    </marker>
  </defs>
);

const Area = ({ box, cloud: { cloud, title } }: { box: Box; cloud: (typeof CLOUDS)[number] }) => (
  <g>
    <rect
      class="diagram-area"
      data-cloud={cloud}
      x={box.x}
      y={box.y}
      width={box.width}
      height={box.height}
      rx="16"
    />
    <text class="diagram-cloud" x={box.x + 22} y={box.y + 30}>
      {title}
    </text>
  </g>
);

const Node = ({ process, box }: { process: ProcessShown; box: Box }) => (
  <g class="diagram-node" data-state={process.state}>
    <rect x={box.x} y={box.y} width={box.width} height={box.height} rx="12" />
    <text
      class="diagram-name"
      data-long={process.name.length > NAME_LENGTH ? 'yes' : undefined}
      x={box.x + 12}
      y={box.y + 26}
    >
      {process.name}
    </text>
    <circle cx={box.x + 17} cy={box.y + 44} r="5" />
    <text class="diagram-state" x={box.x + 28} y={box.y + 48}>
      {STATES[process.state]}
    </text>
    {placesOf(process).map((text, line) => (
      <text key={text} class="diagram-place" x={box.x + 12} y={box.y + 66 + 16 * line}>
        {text}
      </text>
    ))}
  </g>
);

/** What fits into a line of a box. */
const STORES_PER_LINE = 2;
const NAME_LENGTH = 13;

/** Where it runs and what it stores in, line by line. */
function placesOf({ runsOn, stores, cloud }: ProcessShown): string[] {
  const lines = [RUNS_ON[runsOn]];
  for (let at = 0; at < stores.length; at += STORES_PER_LINE)
    lines.push(storesText({ stores: stores.slice(at, at + STORES_PER_LINE), cloud }));
  return lines;
}

const storesText = ({ stores, cloud }: Pick<ProcessShown, 'stores' | 'cloud'>): string =>
  stores.map((store) => STORES[cloud][store]).join(', ');

/** Two lines: how much, and how far behind where it is. */
const Label = ({ arrow, stream, locale }: { arrow: Arrow; stream: Stream; locale: string }) => {
  const { x, y } = arrow.label;
  const isBehind = (stream.lag ?? 0) > 0;
  return (
    <g class="diagram-label" data-flow={flowState(stream)}>
      <rect
        x={x - LABEL.width / 2}
        y={y - LABEL.height / 2}
        width={LABEL.width}
        height={LABEL.height}
        rx="8"
      />
      <text x={x} y={isBehind ? y - 3 : y + 5}>
        {rateText(stream.eventsPerS, locale)}
      </text>
      {isBehind && (
        <text class="diagram-lag" x={x} y={y + 13}>
          {shortText(stream.lag!, locale)} behind
        </text>
      )}
    </g>
  );
};

/** Lag of records that are just being handled is nothing to look at. */
const LAG_SEEN = 100;

const flowState = ({ eventsPerS, lag }: Stream): string =>
  (lag ?? 0) >= LAG_SEEN ? 'behind' : (eventsPerS ?? 0) > 0 ? 'flowing' : 'still';

function streamsOf(flows: readonly Flow[]): Stream[] {
  const between = Map.groupBy(
    flows.filter(({ to }) => to !== undefined),
    ({ from, to }) => `${from} ${to}`,
  );
  return [...between.values()].map((some) => ({
    from: some[0]!.from,
    to: some[0]!.to!,
    eventsPerS: sumOf(some.map(({ eventsPerS }) => eventsPerS)),
    lag: sumOf(some.map(({ lag }) => lag)),
  }));
}

/** Unknown where one of them is. */
const sumOf = (numbers: readonly (number | null)[]): number | null =>
  numbers.reduce((sum, number) => (sum === null || number === null ? null : sum + number), 0);

/** How the platform is, for who cannot see colours. */
export function sentence({ processes, isBrokerThere }: Processes): string {
  const amiss = processes.filter(
    ({ state }) => state === 'degraded' || state === 'not-ready' || state === 'away',
  );
  const broker = isBrokerThere ? '' : 'Kafka does not answer: rates and lags are unknown. ';
  if (amiss.length === 0) return `${broker}All processes that are watched are ready.`;
  return `${broker}${amiss.map(({ name, state }) => `${name} ${STATES[state].replace(/^(not|in)/, 'is $1')}`).join(', ')}.`;
}

export const ProcessesWords = ({ processes }: ProcessesPartProps) => <>{sentence(processes)}</>;

/** The diagram in words. */
export const Flows = ({ processes, locale }: ProcessesPartProps) => (
  <>
    <ProcessTable processes={processes} />
    <FlowTable processes={processes} locale={locale} />
  </>
);

const ProcessTable = ({ processes }: { processes: Processes }) => (
  <table>
    <caption>Processes</caption>
    <thead>
      <tr>
        <th scope="col">Process</th>
        <th scope="col">State</th>
        <th scope="col">Runs on</th>
        <th scope="col">Stores</th>
      </tr>
    </thead>
    <tbody>
      {processes.processes.map((process) => (
        <tr key={process.name}>
          <th scope="row">{process.name}</th>
          <td>
            <span class="tag" data-state={process.state}>
              {STATES[process.state]}
            </span>{' '}
            {process.words.join('; ')}
          </td>
          <td>
            {RUNS_ON[process.runsOn]}, {CLOUDS.find(({ cloud }) => cloud === process.cloud)!.title}
          </td>
          <td>{storesText(process) || 'none'}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

const FlowTable = ({ processes, locale }: ProcessesPartProps) => (
  <table>
    <caption>Topics</caption>
    <thead>
      <tr>
        <th scope="col">Topic</th>
        <th scope="col">From</th>
        <th scope="col">To</th>
        <th scope="col" class="number">
          Events
        </th>
        <th scope="col" class="number">
          Behind
        </th>
      </tr>
    </thead>
    <tbody>
      {processes.flows.map(({ topic, from, to, eventsPerS, lag }) => (
        <tr key={`${topic} ${to}`}>
          <th scope="row">{topic}</th>
          <td>{from}</td>
          <td>{to ?? 'nobody'}</td>
          <td class="number">{rateText(eventsPerS, locale)}</td>
          <td class="number">{lag === null ? '–' : wholeText(lag, locale)}</td>
        </tr>
      ))}
    </tbody>
  </table>
);
