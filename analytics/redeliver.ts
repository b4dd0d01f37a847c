// `npm run redeliver -- --sink firestore`: puts the highest revision of every window back into the queue of one sink, for
// a sink that was emptied or restored. Harmless at any time: no sink takes a revision back, none counts one twice.
import { parseArgs } from 'node:util';
import pg from 'pg';
import { loadConfig } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { postgresConfig } from '#runtime/postgres.ts';
import { SINK_NAMES } from './export/sink.ts';

const HELP = `Delivers published windows again to one sink.

  npm run redeliver -- --sink <${SINK_NAMES.join(' | ')}> [--days N]

  --sink   the sink that lost them
  --days   only windows of the last N days (default: all that are kept)
  --help   this text

Environment: DATABASE_URL, the Postgres that keeps the state.`;

const REQUEUE = `
UPDATE analytics.delivery d SET state = 'pending', next_try = now()
WHERE d.sink = $1 AND d.state = 'done'
  AND ($2::int IS NULL OR d.window_start >= now() - $2 * interval '1 day')
  AND ($1 = 'gcs' OR d.revision = (SELECT max(o.revision) FROM analytics.window_out o
    WHERE o.window_start = d.window_start AND o.size_label = d.size_label))`;

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
    const { rowCount } = await client.query(REQUEUE, [values.sink, values.days ?? null]);
    process.stdout.write(`${rowCount} windows wait for ${values.sink} again\n`);
  } finally {
    await client.end();
  }
});
