// Whether the stores of the platform agree: what the three reconciliations found last, and a button to start one.
import type { Reconciliation, ReconciliationName } from '../../bff/platform-answers.ts';
import { Empty } from '../parts.tsx';
import { countText, momentText, wholeText } from './format.ts';
import { asOf, PlatformPage } from './layout.tsx';
import type { ReconciliationsPartProps, ReconciliationsProps } from './props.ts';

interface Words {
  readonly title: string;
  readonly about: string;
  readonly command: string;
}

const WORDS: Readonly<Record<ReconciliationName, Words>> = {
  counts: {
    title: 'Counts',
    about:
      'The log, counted once more by other code, against Cloud SQL, Firestore, Cloud Storage and the results topic.',
    command: 'npm run reconcile',
  },
  orders: {
    title: 'Orders',
    about: 'Orders, payments, stock, prices, ledgers and notifications against each other.',
    command: 'npm run reconcile:orders',
  },
  payments: {
    title: 'Payments',
    about: 'Payments and their ledger against the provider’s own list.',
    command: 'npm run reconcile:payments',
  },
};

export const ReconciliationsView = ({ frame, shown, streamUrl }: ReconciliationsProps) => (
  <PlatformPage
    frame={frame}
    title="Reconciliations"
    lead="Each comparison counts anew, with code of its own, and says whether everybody holds the same."
    live={{ streamUrl, state: 'reconciliations' in shown ? asOf(shown.asOf, frame.locale) : shown }}
  >
    <div class="verdicts" data-part="verdicts">
      <Verdicts
        reconciliations={'reconciliations' in shown ? shown.reconciliations : undefined}
        locale={frame.locale}
        isAdmin={frame.isAdmin}
      />
    </div>
  </PlatformPage>
);

/** The part that changes. */
export const Verdicts = ({ reconciliations, locale, isAdmin }: ReconciliationsPartProps) => {
  if (!reconciliations) return <Empty title="Not known now">The console is asked again in a moment.</Empty>;
  if (reconciliations.length === 0) return <RunElsewhere />;
  const isRunning = reconciliations.some(({ runningSince }) => runningSince !== undefined);
  return (
    <>
      {reconciliations.map((one) => (
        <One key={one.name} one={one} locale={locale} isAdmin={isAdmin} isBusy={isRunning} />
      ))}
    </>
  );
};

/** Where the console keeps no results, people run comparisons under their own role. */
const RunElsewhere = () => (
  <section class="panel" aria-labelledby="run-elsewhere">
    <h2 id="run-elsewhere">No comparison runs here</h2>
    <p>
      The console may only look, so results are not known here. Run a comparison in a terminal, with addresses
      and rights of your own; it prints what it finds.
    </p>
    <dl class="facts">
      {Object.values(WORDS).map(({ title, about, command }) => (
        <div key={title}>
          <dt>
            {title}: <span class="code">{command}</span>
          </dt>
          <dd>{about}</dd>
        </div>
      ))}
    </dl>
  </section>
);

interface OneProps {
  readonly one: Reconciliation;
  readonly locale: string;
  readonly isAdmin: boolean;
  /** One of them is running: they go one at a time. */
  readonly isBusy: boolean;
}

function One({ one, locale, isAdmin, isBusy }: OneProps) {
  const { title, about, command } = WORDS[one.name];
  return (
    <section class="panel" aria-labelledby={`verdict-${one.name}`}>
      <div class="platform-head">
        <h2 id={`verdict-${one.name}`}>{title}</h2>
        <Outcome one={one} locale={locale} />
      </div>
      <p class="muted">{about}</p>
      <Last one={one} locale={locale} />
      {isAdmin ? (
        <form method="post" action={`/platform/reconciliations/${one.name}`}>
          <button class="button quiet" disabled={isBusy}>
            {one.runningSince ? 'Comparing' : 'Compare now'}
          </button>
        </form>
      ) : (
        <p class="hint">
          An admin can start it where pages offer changes; in a terminal it is{' '}
          <span class="code">{command}</span>.
        </p>
      )}
    </section>
  );
}

const Outcome = ({ one: { last, runningSince }, locale }: { one: Reconciliation; locale: string }) => {
  if (runningSince)
    return (
      <span class="status" data-outcome="running">
        Running since {momentText(runningSince, locale)}
      </span>
    );
  if (!last) return <span class="status">Never run</span>;
  const { outcome, differenceCount } = last;
  return (
    <span class="status" data-outcome={outcome}>
      {outcome === 'equal' && 'Equal: no difference'}
      {outcome === 'different' && countText(differenceCount, 'difference')}
      {outcome === 'unfinished' && 'No difference, and not all is finished'}
      {outcome === 'could-not-look' && 'Could not look'}
    </span>
  );
};

function Last({ one: { last }, locale }: { one: Reconciliation; locale: string }) {
  if (!last) return <p>It has not been run since this platform was started for the first time.</p>;
  const hidden = last.differenceCount - last.findings.length;
  return (
    <>
      <p>
        {last.words}. Ended {momentText(last.endedAt, locale)}
        {last.pendingCount > 0 && `; ${wholeText(last.pendingCount, locale)} still on their way`}.
      </p>
      {last.findings.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="What was found">
          <table>
            <thead>
              <tr>
                <th scope="col">Where</th>
                <th scope="col">Of what</th>
                <th scope="col">Found</th>
              </tr>
            </thead>
            <tbody>
              {last.findings.map(({ where, key, what }) => (
                <tr key={`${where} ${key} ${what}`}>
                  <td>{where}</td>
                  <td class="code">{key}</td>
                  <td>{what}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {hidden > 0 && <p class="hint">{wholeText(hidden, locale)} more are not shown.</p>}
    </>
  );
}
