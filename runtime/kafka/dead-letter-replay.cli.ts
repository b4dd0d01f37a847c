// `npm run replay:dead-letters -- --topic order.placed`: records that were refused go back to their topic.
import { parseArgs } from 'node:util';
import { TOPICS } from '#contracts/topics.ts';
import { loadConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import { runMain } from '../lifecycle.ts';
import { createLogger, logConfig } from '../log.ts';
import { createKafka, kafkaConfig } from './client.ts';
import { replayDeadLetters } from './dead-letter-replay.ts';

const HELP = `Publishes dead letters again on the topic they came from, once the cause is put right.

  npm run replay:dead-letters -- --topic <topic> [--list]

  --topic   the topic whose dead letters they are: order.placed, product-images.processed, ...
  --list    say which wait, with who refused them, reason and place, and change nothing
  --help    this text

Each letter is replayed once, however often this runs; should a run be killed, its last letter may go twice, and consumers drop
the second. All consumers of the topic see the record, behind the events that came since: those that have handled it drop it. A
letter that was kept in part only, or holds a batch that nobody can read, is left: its record lies in the topic, at the place
that is named, for as long as the topic keeps it. What is still refused becomes a new dead letter.

Environment: KAFKA_BROKERS and the other settings of Kafka; npm start writes them to .local/env.`;

runMain(async () => {
  const { values } = parseArgs({
    options: { topic: { type: 'string' }, list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  if (values.help) return say(HELP);
  const known = TOPICS.filter(({ deadLetters }) => deadLetters);
  const topic = known.find(({ name }) => name === values.topic);
  if (!topic) {
    const names = known.map(({ name }) => name).join(', ');
    throw new AppError('topic-unknown', `--topic: expected one of ${names}\n\n${HELP}`);
  }
  const { LOG_LEVEL } = loadConfig(logConfig, { LOG_LEVEL: 'warn', ...process.env });
  const log = createLogger('replay-dead-letters', LOG_LEVEL);
  const client = createKafka(loadConfig(kafkaConfig), 'replay-dead-letters', log);
  const counts = { listed: 0, replayed: 0, left: 0 };
  await replayDeadLetters({
    client,
    topic,
    log,
    isList: values.list ?? false,
    onLetter: ({ partition, offset, consumer, reason, detail, origin, isWhole }, outcome) => {
      counts[outcome] += 1;
      const cannot = isWhole ? '' : '  (cannot be replayed: see --help)';
      const what = `${consumer} refused ${origin}  ${reason}: ${detail}`;
      say(`${topic.deadLetters} ${partition}/${offset}  ${what}${cannot}`);
    },
  });
  if (values.list) say(`${counts.listed} wait`);
  else say(`${counts.replayed} replayed, ${counts.left} left`);
});
