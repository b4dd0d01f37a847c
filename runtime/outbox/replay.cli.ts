// `node runtime/outbox/replay.cli.ts --schema order`: puts the dead records of a service's outbox back into it.
import { parseArgs } from 'node:util';
import { loadConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import { runMain } from '../lifecycle.ts';
import { createLogger } from '../log.ts';
import { createPool, databaseOf, postgresConfig } from '../postgres/database.ts';
import { countDead, replayDead } from './dead.ts';

const HELP = `Publishes again what the broker refused, once the cause is put right.

  node runtime/outbox/replay.cli.ts --schema <service> [--topic <topic>] [--list]

  --schema  the service whose outbox it is: order, payment, ...
  --topic   only records of this topic (default: of all)
  --list    count them by topic and reason, and change nothing
  --help    this text

The relay of the running service publishes them. Consumers may see them after later events of the same key, and an event
that was published before a second time.

Environment: DATABASE_URL, the Postgres of the service.`;

runMain(async () => {
  const { values } = parseArgs({
    options: {
      schema: { type: 'string' },
      topic: { type: 'string' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const { schema, topic } = values;
  if (!schema) throw new AppError('schema-missing', `--schema: name the service\n\n${HELP}`);
  const pool = createPool({
    ...databaseOf(loadConfig(postgresConfig)),
    applicationName: 'outbox-replay',
    log: createLogger('outbox-replay', 'warn'),
  });
  try {
    for (const dead of await countDead(pool, schema, topic)) {
      console.log(`${dead.topic}: ${dead.records} refused as ${dead.reason}`);
    }
    if (!values.list)
      console.log(`${await replayDead(pool, schema, topic)} records wait to be published again`);
  } finally {
    await pool.end();
  }
});
