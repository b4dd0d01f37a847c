// bench:services: requests a second and p99 of the services' own routes, whole (token, schemas, idempotency, metrics), against a
// bare Fastify that runs the same SQL and sends the same bytes; both in this process, turn by turn, on one real Postgres. The
// ratio is the median of the rounds, of the worst route.
// Growth: a service keeps nothing between requests, so ten times the requests are ten replicas behind one address, as long as
// Postgres keeps up; a read costs one statement by a primary key, a placed order ten in two short transactions. A hundred times:
// Postgres is what ends first (its disk, on commits): then a database for each service, which have shared nothing but the server
// from the start, and replicas of it for GET /products.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../local/launcher/ports.ts';
import { startPostgres } from '../local/postgres/postgres.ts';
import { recordStatements, serveBare } from './bare-server.ts';
import { readOptions } from './options.ts';
import { type Candidate, openCandidates } from './service-candidates.ts';
import { type Load, type LoadResult, startAsking } from './service-load.ts';
import { median, round } from './statistics.ts';

const HELP = `Measures the services' routes against bare Fastify with the same SQL.

  npm run bench:services -- [--rounds 4] [--ms 1000] [--connections 16]

  --rounds       how often each side of a route is measured, in turns
  --ms           how long each time
  --connections  requests at the same time`;

interface Sides {
  readonly ours: LoadResult;
  readonly bare: LoadResult;
}

/** Work in an order, and its undoing in the reverse one. */
async function run(rounds: number, durationMs: number, connections: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-services-'));
  // Postgres runs as another user when this one is root.
  await chmod(folder, 0o755);
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const postgres = await startPostgres({
      dataDir: join(folder, 'postgres'),
      logFile: join(folder, 'postgres.log'),
      port: await freePort(),
    });
    stops.unshift(() => postgres.stop());
    Object.assign(process.env, postgres.env);
    const { candidates, close } = await openCandidates();
    stops.unshift(close);
    const asking = startAsking();
    stops.unshift(asking.stop);
    const measured: [string, Sides[]][] = [];
    for (const candidate of candidates) {
      const settings = { rounds, durationMs, connections };
      measured.push([candidate.name, await compare(candidate, asking.measure, settings)]);
    }
    report(measured);
  } finally {
    for (const stop of stops) await stop();
  }
}

async function compare(
  candidate: Candidate,
  measure: (load: Load) => Promise<LoadResult>,
  { rounds, durationMs, connections }: { rounds: number; durationMs: number; connections: number },
): Promise<Sides[]> {
  let answer = { status: 0, text: '' };
  const statements = await recordStatements(async () => {
    answer = await candidate.askOnce();
  });
  if (answer.status > 299) throw new Error(`${candidate.name} was answered ${answer.status}: ${answer.text}`);
  const renew = candidate.renewAfter(answer.text);
  const bare = await serveBare(candidate.pool, { load: candidate.load, statements, answer, renew });
  const sideOf = (address: string) => ({ ...candidate.load, address, connections, durationMs });
  const [ourSide, bareSide] = [sideOf(candidate.address), sideOf(bare.address)];
  // Compiled once, and connected.
  for (const side of [ourSide, bareSide]) await measure({ ...side, durationMs: durationMs / 2 });
  const sides: Sides[] = [];
  for (let n = 0; n < rounds; n += 1) {
    // They take turns in going first, so that drift over the run favours neither.
    const first = await measure(n % 2 ? bareSide : ourSide);
    const second = await measure(n % 2 ? ourSide : bareSide);
    sides.push(n % 2 ? { ours: second, bare: first } : { ours: first, bare: second });
  }
  await bare.close();
  return sides;
}

function report(measured: readonly [string, readonly Sides[]][]): void {
  const rows = measured.map(([name, sides]) => ({
    route: name,
    perSecond: Math.round(median(sides.map(({ ours }) => ours.perSecond))),
    barePerSecond: Math.round(median(sides.map(({ bare }) => bare.perSecond))),
    p99Ms: round(median(sides.map(({ ours }) => ours.p99Ms))),
    bareP99Ms: round(median(sides.map(({ bare }) => bare.p99Ms))),
    ratio: round(median(sides.map(({ ours, bare }) => ours.perSecond / bare.perSecond))),
  }));
  console.table(rows);
  const ratios = rows.map(({ ratio }) => ratio);
  console.log(
    JSON.stringify({
      bench: 'services',
      ratio: Math.min(...ratios),
      limit: 0.8,
      medianRatio: round(median(ratios)),
      routes: Object.fromEntries(rows.map(({ route, ...figures }) => [route, figures])),
    }),
  );
}

const { rounds, ms, connections } = readOptions(HELP, { rounds: 4, ms: 1_000, connections: 16 });
await run(rounds, ms, connections);
