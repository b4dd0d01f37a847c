// `npm run redeliver -- --sink firestore`: puts the highest revision of every window back into the queue of one sink, for
// a sink that was emptied or restored; for Firestore, activity too. Harmless at any time: no sink takes a revision back, none
// counts one twice, and what is there already stays as it is.
import { parseArgs } from 'node:util';
import pg from 'pg';
import { loadConfig } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { postgresConfig } from '#runtime/postgres/database.ts';
import { SINK_NAMES } from './export/sink.ts';
import { WORK_CHANNEL } from './state.sql.ts';

const HELP = `Delivers published windows again to one sink.

  npm run redeliver -- --sink <${SINK_NAMES.join(' | ')}> [--days N]

  --sink   the sink that lost them
  --days   only windows, and activity, of the last N days (default: all that are kept)
  --help   this text

Environment: DATABASE_URL, the Postgres that keeps the state.`;

const REQUEUE = `
UPDATE analytics.delivery d SET state = 'pending', next_try = now()
WHERE d.sink = $1 AND d.state = 'done'
  AND ($2::int IS NULL OR d.window_start >= now() - $2 * interval '1 day')
  AND ($1 = 'gcs' OR d.revision = (SELECT max(o.revision) FROM analytics.window_out o
    WHERE o.window_start = d.window_start AND o.size_label = d.size_label))`;

/** Firestore holds activity too, which goes nowhere else. */
const REQUEUE_ACTIVITY = `
UPDATE analytics.activity SET delivered_at = NULL, next_try = now()
WHERE delivered_at IS NOT NULL AND ($1::int IS NULL OR occurred_at >= now() - $1 * interval '1 day')`;

runMain(async () => {
  const { values } = parseArgs({
    options: { sink: { type: 'string' }, days: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return;
  }
  if (!SINK_NAMES.some((name) => name === values.sink)) {
    throw new AppError('sink-unknown', `--sink: expected one of ${SINK_NAMES.join(', ')}\n\n${HELP}`);
  }
  if (values.days !== undefined && !/^[1-9]\d{0,4}$/.test(values.days)) {
    throw new AppError('days-invalid', '--days: expected a whole number of days, at least 1');
  }
  const client = new pg.Client({ connectionString: loadConfig(postgresConfig).DATABASE_URL });
  await client.connect();
  try {
    const days = values.days ?? null;
    const { rowCount } = await client.query(REQUEUE, [values.sink, days]);
    process.stdout.write(`${rowCount} windows wait for ${values.sink} again\n`);
    if (values.sink !== 'firestore') return;
    const activity = await client.query(REQUEUE_ACTIVITY, [days]);
    process.stdout.write(`${activity.rowCount} documents of activity wait for firestore again\n`);
  } finally {
    // The exporter sleeps when it has nothing to do.
    await client.query(`NOTIFY ${WORK_CHANNEL}`);
    await client.end();
  }
});
