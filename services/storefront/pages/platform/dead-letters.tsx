// Records that a consumer could not take, why, and their way back.
import type { DeadLetter, DeadLetters, ReplayReport } from '../../bff/platform-answers.ts';
import { Empty } from '../parts.tsx';
import { countText, momentText, wholeText } from './format.ts';
import { asOf, PlatformPage } from './layout.tsx';
import type { DeadLettersPartProps, DeadLettersProps } from './props.ts';

export function DeadLettersView({ frame, shown, streamUrl }: DeadLettersProps) {
  const known = 'letters' in shown ? shown : undefined;
  return (
    <PlatformPage
      frame={frame}
      title="Dead letters"
      lead="Events that a consumer has refused for good. They wait here, as they were, until somebody has put the cause right and has them replayed on their topic."
      live={{ streamUrl, state: 'letters' in shown ? asOf(shown.asOf, frame.locale) : shown }}
    >
      <div data-part="letters">
        <Letters deadLetters={known} locale={frame.locale} isAdmin={frame.isAdmin} />
      </div>
      <p class="hint">
        What stands in a letter is not shown, since it may be personal: only its size, ids of our own making,
        and those of its fields that the contract knows. Letters of the analytics worker lie in Cloud SQL for
        a moment before they come here.
      </p>
    </PlatformPage>
  );
}

/** The part that changes. */
export function Letters({ deadLetters, locale, isAdmin }: DeadLettersPartProps) {
  if (!deadLetters) return <Empty title="Not known now">Kafka is asked again in a moment.</Empty>;
  const waiting = deadLetters.topics.filter((topic) => topic.waiting > 0);
  return (
    <>
      {deadLetters.replay && <Replay report={deadLetters.replay} locale={locale} />}
      {waiting.length === 0 ? (
        <Empty title="No dead letters">
          <p>Every event was taken by everybody who reads it.</p>
        </Empty>
      ) : (
        waiting.map(({ topic, waiting: count }) => (
          <TopicLetters
            key={topic}
            topic={topic}
            count={count}
            deadLetters={deadLetters}
            locale={locale}
            isAdmin={isAdmin}
          />
        ))
      )}
    </>
  );
}

const Replay = ({ report, locale }: { report: ReplayReport; locale: string }) => (
  <p class={report.hasFailed ? 'alert' : 'notice'} role="status">
    {replayText(report, locale)}
  </p>
);

function replayText({ topic, endedAt, replayed, left, hasFailed }: ReplayReport, locale: string): string {
  const done = `${wholeText(replayed, locale)} replayed${left > 0 ? `, ${wholeText(left, locale)} left because they are not whole` : ''}`;
  if (!endedAt) return `${topic} is being replayed: ${done} so far.`;
  if (hasFailed)
    return `The replay of ${topic} broke off: ${done}. What is left waits, and can be replayed again.`;
  return `${topic} was replayed at ${momentText(endedAt, locale)}: ${done}. What is refused again comes back here.`;
}

interface TopicLettersProps {
  readonly topic: string;
  readonly count: number;
  readonly deadLetters: DeadLetters;
  readonly locale: string;
  readonly isAdmin: boolean;
}

function TopicLetters({ topic, count, deadLetters, locale, isAdmin }: TopicLettersProps) {
  const letters = deadLetters.letters.filter((letter) => letter.topic === topic);
  const id = `letters-${topic}`;
  const isRunning = deadLetters.replay !== undefined && deadLetters.replay.endedAt === undefined;
  return (
    <section class="panel" aria-labelledby={id}>
      <div class="platform-head">
        <h2 id={id}>
          {topic} <span class="tag">{countText(count, 'letter')}</span>
        </h2>
        {isAdmin ? (
          <form method="post" action="/platform/dead-letters/replay">
            <input type="hidden" name="topic" value={topic} />
            <button class="button" disabled={isRunning}>
              Replay {count === 1 ? 'it' : `all ${wholeText(count, locale)}`}
            </button>
          </form>
        ) : (
          <p class="hint">
            An admin can replay them where pages offer changes; in a terminal it is{' '}
            <span class="code">npm run replay:dead-letters</span>.
          </p>
        )}
      </div>
      <ul class="letters" role="list">
        {letters.map((letter) => (
          <Letter key={`${letter.partition}/${letter.offset}`} letter={letter} locale={locale} />
        ))}
      </ul>
      {letters.length < count && (
        <p class="hint">The newest {wholeText(letters.length, locale)} are shown.</p>
      )}
    </section>
  );
}

const Letter = ({ letter, locale }: { letter: DeadLetter; locale: string }) => (
  <li class="letter" data-reason={letter.reason}>
    <p>
      <strong>{letter.reason}</strong>{' '}
      <span class="muted">
        by {letter.consumer}, {momentText(letter.at, locale)}
      </span>
    </p>
    <p class="letter-detail">{letter.detail}</p>
    <details>
      <summary>Where it lies, and what it is</summary>
      <dl class="facts">
        <Fact name="Record" value={letter.origin} />
        <Fact name="Letter" value={`${letter.partition}/${letter.offset} of the dead letters`} />
        <Fact name="Key" value={letter.key ?? 'none that may be shown'} />
        <Fact
          name="Value"
          value={`${wholeText(letter.valueBytes, locale)} bytes${letter.isJson ? '' : ', not read as JSON'}`}
        />
        <Fact name="Known fields" value={letter.fields.join(', ') || 'none'} />
        <Fact name="Other fields" value={wholeText(letter.unknownFieldCount, locale)} />
      </dl>
      {!letter.isWhole && (
        <p class="fault">
          It was kept in part only: it cannot be replayed, and its record lies in the topic for as long as
          that keeps it.
        </p>
      )}
    </details>
  </li>
);

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd class="code">{value}</dd>
  </div>
);
