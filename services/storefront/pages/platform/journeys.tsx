// Orders on their way through the platform: which there are, and one order's journey across services and topics.
import type { Journey, JourneySpan, OrderEvent, OrdersSeen } from '../../bff/console-orders.ts';
import { Empty } from '../parts.tsx';
import { clockText, countText, durationText, momentText, wholeText } from './format.ts';
import { PlatformPage } from './layout.tsx';
import type { JourneyProps, PlatformOrdersProps } from './props.ts';

export const Orders = ({ frame, id, seen, away }: PlatformOrdersProps) => (
  <PlatformPage
    frame={frame}
    title="Orders"
    lead="An order is a chain of events. Choose one, and see which service did what, through which topics, and when."
  >
    <form class="journey-search" role="search" aria-label="Orders" action="/platform/orders">
      <div class="field">
        <label for="order-id">Order</label>
        <input
          id="order-id"
          name="id"
          type="search"
          maxLength={64}
          value={id}
          aria-describedby="order-id-hint"
        />
        <p class="hint" id="order-id-hint">
          Its id, or how it begins, as the page of an order shows it.
        </p>
      </div>
      <button class="button">Find it</button>
    </form>
    {away && (
      <p class="alert" role="alert">
        {away}
      </p>
    )}
    {seen && <Seen seen={seen} id={id} locale={frame.locale} />}
  </PlatformPage>
);

const Seen = ({ seen, id, locale }: { seen: OrdersSeen; id: string; locale: string }) => (
  <section>
    <h2 id="seen">{id ? 'Orders that begin so' : 'The newest orders'}</h2>
    {!seen.isComplete && (
      <p class="notice">The topics are still being read. Load the page again in a moment.</p>
    )}
    {seen.orders.length === 0 ? (
      <Empty title={id ? 'No such order' : 'No orders yet'}>
        <p>
          {id ? (
            <a href="/platform/orders">The newest orders</a>
          ) : (
            <a href="/">Place one in the shop, and it is here a moment later.</a>
          )}
        </p>
      </Empty>
    ) : (
      <SeenTable seen={seen} locale={locale} />
    )}
  </section>
);

const SeenTable = ({ seen, locale }: { seen: OrdersSeen; locale: string }) => (
  <div class="scroll" tabIndex={0} role="region" aria-labelledby="seen">
    <table>
      <thead>
        <tr>
          <th scope="col">Order</th>
          <th scope="col">Placed</th>
          <th scope="col">Last event</th>
          <th scope="col" class="number">
            Events
          </th>
        </tr>
      </thead>
      <tbody>
        {seen.orders.map((order) => (
          <tr key={order.orderId}>
            <th scope="row">
              <a href={`/platform/orders/${order.orderId}`}>{order.orderId}</a>
            </th>
            <td>{momentText(order.placedAt, locale)}</td>
            <td>
              {order.last.topic}
              {order.last.reason && <span class="tag">{order.last.reason}</span>}
            </td>
            <td class="number">{wholeText(order.events, locale)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

export const JourneyView = ({ frame, journey, hasStatements, tracesUrl }: JourneyProps) => (
  <PlatformPage
    frame={frame}
    title={`Order ${journey.orderId.slice(0, 8)}`}
    lead="What was done for this order, by whom and when. Times count from the first of it on; statements of the databases are left out unless you ask for them."
  >
    <p class="hint journey-id">
      <a href="/platform/orders">All orders</a> · <span class="code">{journey.orderId}</span>
    </p>
    <Facts journey={journey} locale={frame.locale} tracesUrl={tracesUrl} />
    <Lanes journey={journey} locale={frame.locale} />
    <Events journey={journey} locale={frame.locale} />
    <Work journey={journey} locale={frame.locale} hasStatements={hasStatements} />
    <p class="more">
      <a class="button quiet" href="">
        Look again
      </a>
    </p>
  </PlatformPage>
);

interface PartProps {
  readonly journey: Journey;
  readonly locale: string;
}

const Facts = ({ journey, locale, tracesUrl }: PartProps & { tracesUrl?: string | undefined }) => (
  <dl class="tiles">
    <Fact
      name="Began"
      value={clockText(journey.startedAt, locale)}
      note={momentText(journey.startedAt, locale)}
    />
    <Fact name="Took" value={durationText(journey.lastedMs, locale)} />
    <Fact name="Services" value={wholeText(new Set(namesOf(journey)).size, locale)} />
    <Fact name="Events" value={wholeText(journey.events.length, locale)} />
    {tracesUrl && journey.traceIds.length > 0 && (
      <div class="tile">
        <dt>{journey.traceIds.length === 1 ? 'Its trace' : 'Its traces'}</dt>
        {journey.traceIds.map((traceId) => (
          <dd key={traceId}>
            <a href={`${tracesUrl}/${traceId}`}>{traceId.slice(0, 8)}</a>
          </dd>
        ))}
      </div>
    )}
  </dl>
);

const Fact = ({ name, value, note }: { name: string; value: string; note?: string }) => (
  <div class="tile">
    <dt>{name}</dt>
    <dd class="tile-value">{value}</dd>
    {note && <dd class="hint">{note}</dd>}
  </div>
);

const namesOf = ({ events, spans }: Journey): string[] => [
  ...spans.map(({ service }) => service),
  ...events.map(({ service }) => service),
];

/** Units of a drawing, which is stretched to the width that there is. */
const WIDTH = 1_000;
/** Seen also where it is a thousandth of the whole. */
const BAR_MIN = 4;
const MARKS = 4;

/** The place of a moment in the drawing. */
const placeOf = (atMs: number, { lastedMs }: Journey): number =>
  lastedMs === 0 ? 0 : Math.min(WIDTH, Math.max(0, (atMs / lastedMs) * WIDTH));
const atOf = ({ at }: OrderEvent, { startedAt }: Journey): number => Date.parse(at) - Date.parse(startedAt);

/** A lane for each service, in the order in which they take part: its work as bars, what it published as marks. */
const Lanes = ({ journey, locale }: PartProps) => (
  <section class="panel" aria-labelledby="lanes">
    <h2 id="lanes">Across services</h2>
    <div class="lanes">
      <div class="lane-times" aria-hidden="true">
        {Array.from({ length: MARKS + 1 }, (_, mark) => (
          <span key={mark}>{durationText((journey.lastedMs * mark) / MARKS, locale)}</span>
        ))}
      </div>
      <ol class="lane-list" role="list">
        {[...Map.groupBy(journey.spans, ({ service }) => service).keys(), ...quietServices(journey)].map(
          (service) => (
            <Lane key={service} service={service} journey={journey} locale={locale} />
          ),
        )}
      </ol>
    </div>
    <p class="hint">A bar is work, a line across the lane an event that the service published.</p>
  </section>
);

/** Of which there are events alone. */
const quietServices = ({ events, spans }: Journey): string[] => [
  ...new Set(
    events.map(({ service }) => service).filter((service) => !spans.some((span) => span.service === service)),
  ),
];

const Lane = ({ service, journey, locale }: PartProps & { service: string }) => {
  const spans = journey.spans.filter((span) => span.service === service && !span.isStatement);
  const events = journey.events.filter((event) => event.service === service);
  return (
    <li class="lane" data-lane={service}>
      <p>
        <strong>{service}</strong>{' '}
        <span class="hint">
          {countText(spans.length, 'piece')} of work
          {events.length > 0 && `, published ${events.map(({ topic }) => topic).join(', ')}`}
        </span>
        <span class="visually-hidden">
          {spans[0] && `, from ${durationText(spans[0].startMs, locale)} on`}
        </span>
      </p>
      <svg class="lane-drawing" viewBox={`0 0 ${WIDTH} 24`} preserveAspectRatio="none" aria-hidden="true">
        <rect class="lane-ground" width={WIDTH} height={24} />
        {spans.map((span, at) => (
          <Bar key={at} span={span} journey={journey} />
        ))}
        {events.map((event) => {
          const x = placeOf(atOf(event, journey), journey);
          return <path key={`${event.topic} ${event.place}`} class="lane-event" d={`M${x} 0V24`} />;
        })}
      </svg>
    </li>
  );
};

const Bar = ({ span, journey }: { span: JourneySpan; journey: Journey }) => {
  const width = Math.max(BAR_MIN, placeOf(span.lastedMs, journey));
  const kind = span.isFailed ? 'failed' : span.isStatement ? 'statement' : 'work';
  return (
    <rect
      class="lane-bar"
      data-kind={kind}
      x={Math.min(placeOf(span.startMs, journey), WIDTH - width)}
      y={7}
      width={width}
      height={10}
    />
  );
};

const Events = ({ journey, locale }: PartProps) => (
  <section>
    <h2 id="events">Its events in the topics</h2>
    <div class="scroll" tabIndex={0} role="region" aria-labelledby="events">
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">
              After
            </th>
            <th scope="col">Topic</th>
            <th scope="col">From</th>
            <th scope="col">Partition/offset</th>
          </tr>
        </thead>
        <tbody>
          {journey.events.map((event) => (
            <tr key={`${event.topic} ${event.place}`}>
              <td class="number">{durationText(atOf(event, journey), locale)}</td>
              <th scope="row">
                {event.topic} {event.reason && <span class="tag">{event.reason}</span>}
              </th>
              <td>{event.service}</td>
              <td>{event.place}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </section>
);

const WITHOUT_SPANS: Readonly<Record<Exclude<Journey['traces'], 'shown'>, string>> = {
  off: 'Nobody collects spans here, so only the events are known.',
  away: 'The collector of the traces does not answer now. The events are known all the same.',
  forgotten:
    'The collector does not know the traces of this order: it keeps the newest ones, and spans reach it a few seconds late.',
};

const Work = ({ journey, locale, hasStatements }: PartProps & { hasStatements: boolean }) => (
  <section>
    <div class="platform-head">
      <h2 id="work">What was done</h2>
      {journey.traces === 'shown' && (
        <a href={hasStatements ? '?' : '?statements=yes'}>
          {hasStatements ? 'Without statements' : 'With every statement'}
        </a>
      )}
    </div>
    {journey.traces === 'shown' ? (
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="work">
        <table>
          <thead>
            <tr>
              <th scope="col">Work</th>
              <th scope="col">Service</th>
              <th scope="col" class="number">
                After
              </th>
              <th scope="col" class="number">
                Took
              </th>
              <th scope="col">
                <span class="visually-hidden">Drawn</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {journey.spans.map((span, at) => (
              <SpanRow key={at} span={span} journey={journey} locale={locale} />
            ))}
          </tbody>
        </table>
      </div>
    ) : (
      <p class="notice">{WITHOUT_SPANS[journey.traces]}</p>
    )}
  </section>
);

/** Deeper ones are no further in: a phone has no room for them. */
const DEPTH_MAX = 8;

const SpanRow = ({ span, journey, locale }: PartProps & { span: JourneySpan }) => (
  <tr data-statement={span.isStatement ? 'yes' : undefined}>
    <th scope="row" class={`depth-${Math.min(span.depth, DEPTH_MAX)}`}>
      {span.name} {span.isFailed && <span class="tag tag-failed">failed</span>}
      {span.statements > 0 && <span class="muted"> {countText(span.statements, 'statement')}</span>}
    </th>
    <td>{span.service}</td>
    <td class="number">{durationText(span.startMs, locale)}</td>
    <td class="number">{durationText(span.lastedMs, locale)}</td>
    <td class="span-cell">
      <svg class="span-drawing" viewBox={`0 0 ${WIDTH} 24`} preserveAspectRatio="none" aria-hidden="true">
        <Bar span={span} journey={journey} />
      </svg>
    </td>
  </tr>
);
