// What can be broken on purpose, what is broken now, and what has come of it.
import type { Fault } from '../../bff/console-faults.ts';
import { secondText } from './format.ts';
import { asOf, PlatformPage } from './layout.tsx';
import type { FaultProps, FaultsProps } from './props.ts';
import { Tiles } from './tiles.tsx';

export function Faults({ frame, totals, faults, streamUrl }: FaultsProps) {
  const known = 'sums' in totals ? totals : undefined;
  const isAway = 'words' in faults;
  const state = isAway ? faults : 'sums' in totals ? asOf(totals.asOf, frame.locale) : totals;
  return (
    <PlatformPage
      frame={frame}
      title="Faults"
      lead="Break the platform, and watch what it does. Each fault ends by itself and is repaired; no event is lost or counted twice."
      live={{ streamUrl, state }}
    >
      {!frame.isAdmin && (
        <p class="notice">
          Everybody may look. To break something,{' '}
          <a href="/account/sign-in?next=platform">sign in as an admin</a>.
        </p>
      )}
      <dl class="tiles" data-part="tiles" aria-label="Numbers now">
        <Tiles totals={known} locale={frame.locale} />
      </dl>
      <p class="hint faults-hint">
        The <a href="/platform">diagram</a> shows where it hurts. After each fault all records are compared;
        what was found stands in <a href="/platform/reconciliations">Reconciliations</a>.
      </p>
      {!isAway && (
        <div class="faults">
          {faults.map((fault) => (
            <FaultPanel key={fault.name} fault={fault} locale={frame.locale} isAdmin={frame.isAdmin} />
          ))}
        </div>
      )}
    </PlatformPage>
  );
}

/** The button is not in a part that is replaced, so that it stays under a visitor's finger, or in focus. */
const FaultPanel = ({ fault, locale, isAdmin }: FaultProps & { isAdmin: boolean }) => (
  <section class="panel fault-panel" id={fault.name} aria-labelledby={`${fault.name}-title`}>
    <h2 id={`${fault.name}-title`}>{fault.title}</h2>
    <p>{fault.about}</p>
    <div data-part={`fault-${fault.name}`} aria-live="polite">
      <FaultNow fault={fault} locale={locale} />
    </div>
    {isAdmin && (
      <form method="post" action={`/platform/faults/${fault.name}`}>
        <button class="button quiet">
          Break it for {fault.seconds} s<span class="visually-hidden">: {fault.title}</span>
        </button>
      </form>
    )}
  </section>
);

/** The part that changes. */
export const FaultNow = ({ fault, locale }: FaultProps) => (
  <>
    <p>
      <span class="status" data-phase={fault.phase}>
        {phaseWords(fault, locale)}
      </span>
    </p>
    {fault.steps.length > 0 && (
      <ol class="fault-steps" role="list">
        {fault.steps.map(({ at, words }) => (
          <li key={`${at} ${words}`}>
            <time dateTime={at}>{secondText(at, locale)}</time> {words}
          </li>
        ))}
      </ol>
    )}
  </>
);

function phaseWords({ phase, overAt, endedAt }: Fault, locale: string): string {
  switch (phase) {
    case 'broken':
      return overAt ? `Broken until ${secondText(overAt, locale)}` : 'Broken';
    case 'repairing':
      return 'Being repaired';
    case 'comparing':
      return 'Repaired; all records are compared';
    case 'failed':
      return 'Failed';
    case 'ready':
      return endedAt ? `Healthy since ${secondText(endedAt, locale)}` : 'Healthy';
  }
}
