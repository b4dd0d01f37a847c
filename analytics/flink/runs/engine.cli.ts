// `npm run engine -- <status | begin | end | abandon>`: which engine counts images, and the switch between the two.
import { parseArgs } from 'node:util';
import { productImagesProcessed } from '#contracts/topics.ts';
import { loadConfig } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { createKafka, type KafkaClient, kafkaConfig } from '#runtime/kafka.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { createLogger, type Logger, logConfig } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres.ts';
import { analyticsConfig } from '../../config.ts';
import { createBrokerView, type LogInspector } from '../../log-ends.ts';
import { abandonRun } from './abandon.ts';
import { beginRun } from './begin.ts';
import { endRun } from './end.ts';
import { readStatus, renderStatus } from './status.ts';

const HELP = `Shows and switches the engine that counts ${productImagesProcessed.name}.

  npm run engine -- status  [--json]
  npm run engine -- begin   [--json]
  npm run engine -- end
  npm run engine -- abandon

  status   which engine counts, where it stands, and what may be done
  begin    hands the topic to Flink: Node workers stop counting it, and the job may be started with the run that is printed
  end      hands it back to Node workers, once the job was stopped with a savepoint; refuses while anything is not written
  abandon  takes everything that the run counted back out, for a job that cannot be restored; Node counts it anew
  --json   the status, or the run that was begun, as JSON on stdout
  --help   this text

No worker need be stopped or started: those of Node go on by themselves once the run is over. See docs/engines.md.
Environment: KAFKA_BROKERS and the other settings of Kafka, DATABASE_URL, and SEEN_IDS_MAX where the worker has it; npm start
writes them to .local/env.`;

/** Sums over a long run's rows take longer than a worker would wait. */
const WAIT_MS_MAX = 120_000;

const settings = {
  ...kafkaConfig,
  DATABASE_URL: analyticsConfig.DATABASE_URL,
  SEEN_IDS_MAX: analyticsConfig.SEEN_IDS_MAX,
};

/** What every command needs. */
interface Session {
  readonly pool: Pool;
  readonly client: KafkaClient;
  readonly inspector: LogInspector;
  readonly seenIdsMax: number;
  readonly isJson: boolean;
  readonly log: Logger;
}

type Command = (session: Session) => Promise<string>;

const { name: topic } = productImagesProcessed;
const json = (value: unknown): string => JSON.stringify(value, null, 2);

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  [
    'status',
    async ({ pool, client, inspector, isJson }) => {
      const status = await readStatus(pool, client.nameOf(topic), await inspector.ends());
      return isJson ? json(status) : renderStatus(status);
    },
  ],
  [
    'begin',
    async ({ pool, client, inspector, seenIdsMax, isJson }) => {
      const [topicId, ends] = [await inspector.topicId(), await inspector.ends()];
      const run = await beginRun({ pool, topic: client.nameOf(topic), topicId, ends, seenIdsMax });
      return isJson
        ? json(run)
        : `run ${run.runId} holds ${run.topic}: start the job, which counts from ${run.parts.map(({ part, countFrom }) => `${part}/${countFrom}`).join(' ')}`;
    },
  ],
  [
    'end',
    async ({ pool, client, inspector, seenIdsMax, log }) => {
      const run = await endRun({ pool, client, topic, ends: await inspector.ends(), seenIdsMax, log });
      return `run ${run.runId} has ended: Node workers go on with ${run.topic}`;
    },
  ],
  [
    'abandon',
    async ({ pool, client, inspector }) => {
      const run = await abandonRun({ pool, topic: client.nameOf(topic), ends: await inspector.ends() });
      return `run ${run.runId} is taken back out: Node workers count ${run.topic} anew from where it began`;
    },
  ],
]);

runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  if (values.help) return say(HELP);
  const command = positionals.length === 1 ? COMMANDS.get(positionals[0]!) : undefined;
  if (!command)
    throw new AppError('command-unknown', `expected one of ${[...COMMANDS.keys()].join(', ')}\n\n${HELP}`);
  const { LOG_LEVEL } = loadConfig(logConfig, { LOG_LEVEL: 'warn', ...process.env });
  const config = loadConfig(settings);
  const log = createLogger('engine', LOG_LEVEL);
  const client = createKafka(config, 'engine', log);
  const pool = createPool({
    connectionString: config.DATABASE_URL,
    applicationName: 'engine',
    log,
    waitMsMax: WAIT_MS_MAX,
  });
  const broker = createBrokerView(client);
  try {
    const session = { pool, client, seenIdsMax: config.SEEN_IDS_MAX, isJson: values.json ?? false, log };
    say(await command({ ...session, inspector: broker.of(topic) }));
  } finally {
    await broker.close();
    await pool.end();
  }
});
