// bench:idle: processor time of each process of the platform while nothing happens. The ratio is the cores used by all together.
// Growth: what a process costs at rest is its consumer's long poll and heartbeat, and a few timers; a replica more costs the same
// again, ten times the topics cost nothing more (one fetch asks for all of a service's partitions).
import { setTimeout as sleep } from 'node:timers/promises';
import { readOptions } from './options.ts';
import { onPlatform } from './platform.ts';
import { processorSeconds } from './processor-time.ts';
import { round } from './statistics.ts';

const HELP = `Measures what the platform uses while nothing happens, process by process.

  npm run bench:idle -- [--seconds 60] [--settle 45]

  --seconds   how long it is watched
  --settle    seconds before that, for what a start leaves to do`;

const { seconds, settle } = readOptions(HELP, { seconds: 60, settle: 45 });

await onPlatform(async ({ launcherPid, run }) => {
  console.error(`ready; it settles for ${settle} s, then it is watched for ${seconds} s`);
  await sleep(settle * 1_000);
  const roots = [
    { name: 'launcher', pid: launcherPid },
    ...(run.warden ? [{ name: 'warden', pid: run.warden.pid }] : []),
    ...run.processes.map(({ name, identity }) => ({ name, pid: identity.pid })),
  ];
  const before = await processorSeconds(roots);
  const startedAtMs = performance.now();
  await sleep(seconds * 1_000);
  const after = await processorSeconds(roots);
  const elapsedS = (performance.now() - startedAtMs) / 1_000;
  const cores = Object.fromEntries(
    roots.map(({ name }) => [name, round((after[name]! - before[name]!) / elapsedS)]),
  );
  console.table(Object.entries(cores).map(([process, used]) => ({ process, 'cores used': used })));
  const ratio = round(Object.values(cores).reduce((sum, used) => sum + used, 0));
  console.log(JSON.stringify({ bench: 'idle', ratio, limit: 0.15, seconds, cores }));
});
