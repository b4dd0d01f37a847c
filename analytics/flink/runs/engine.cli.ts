// `npm run engine -- <status | begin | end | abandon>`: which engine counts images, and the switch between the two.
import { parseArgs } from 'node:util';
import { productImagesProcessed } from '#contracts/topics.ts';
import { loadConfig } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { runMain } from '#runtime/lifecycle.ts';
import { createLogger, logConfig } from '#runtime/log.ts';
import { type Engine, engineConfig, openEngine } from './engine.ts';
import { renderStatus } from './status.ts';

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

type Command = (engine: Engine, isJson: boolean) => Promise<string>;

const json = (value: unknown): string => JSON.stringify(value, null, 2);

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  [
    'status',
    async (engine, isJson) => {
      const status = await engine.status();
      return isJson ? json(status) : renderStatus(status);
    },
  ],
  [
    'begin',
    async (engine, isJson) => {
      const run = await engine.begin();
      return isJson
        ? json(run)
        : `run ${run.runId} holds ${run.topic}: start the job, which counts from ${run.parts.map(({ part, countFrom }) => `${part}/${countFrom}`).join(' ')}`;
    },
  ],
  [
    'end',
    async (engine) => {
      const run = await engine.end();
      return `run ${run.runId} has ended: Node workers go on with ${run.topic}`;
    },
  ],
  [
    'abandon',
    async (engine) => {
      const run = await engine.abandon();
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
  const engine = openEngine(loadConfig(engineConfig), createLogger('engine', LOG_LEVEL));
  try {
    say(await command(engine, values.json ?? false));
  } finally {
    await engine.close();
  }
});
