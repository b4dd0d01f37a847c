// Every query by its name, for code that asks them all.
import { analytics } from './analytics.ts';
import { brokers } from './brokers.ts';
import { checkout } from './checkout.ts';
import { cluster } from './cluster.ts';
import { consumers } from './consumers.ts';
import { cost } from './cost.ts';
import { customers } from './customers.ts';
import { flink } from './flink.ts';
import { images } from './images.ts';
import { jobs } from './jobs.ts';
import { load } from './load.ts';
import { objectives } from './objectives.ts';
import { outbox } from './outbox.ts';
import { payments } from './payments.ts';
import { platformPages } from './platform-pages.ts';
import { programs } from './programs.ts';
import type { Query } from './query.ts';
import { requests } from './requests.ts';

const SUBJECTS: readonly (readonly [string, Readonly<Record<string, Query>>])[] = [
  ['requests', requests],
  ['objectives', objectives],
  ['programs', programs],
  ['consumers', consumers],
  ['outbox', outbox],
  ['jobs', jobs],
  ['checkout', checkout],
  ['payments', payments],
  ['customers', customers],
  ['images', images],
  ['analytics', analytics],
  ['flink', flink],
  ['brokers', brokers],
  ['cluster', cluster],
  ['cost', cost],
  ['load', load],
  ['platformPages', platformPages],
];

/** As `requests.p95`. */
export const QUERIES: ReadonlyMap<string, Query> = new Map(
  SUBJECTS.flatMap(([subject, queries]) =>
    Object.entries(queries).map(([name, query]) => [`${subject}.${name}`, query] as const),
  ),
);
