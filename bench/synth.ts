// `npm run bench:synth`: how long writing all Terraform takes, against merely loading the modules that it takes. Whole processes,
// in turn, so that a busy machine slows both. Growth: the time goes with the number of resources; ten times as many environments
// are ten runs, since each is written alone.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOptions } from './options.ts';
import { median } from './statistics.ts';

const { rounds: ROUNDS } = readOptions(
  `Measures the writing of all Terraform against merely loading the modules that it takes.

  npm run bench:synth -- [--rounds 9]

  --rounds  how often each is measured, in turns`,
  { rounds: 9 },
);
const LIMIT = 2;
const LIMIT_S = 5;

const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
const load = [
  '--input-type=module',
  '--eval',
  "await import('./stacks/platform.ts'); await import('./stacks/built-artifacts.ts');",
];
const synth = ['stacks/main.ts', '--environment', 'prod', '--out', join(folder, 'out')];

function secondsOf(args: readonly string[]): number {
  const since = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: join(import.meta.dirname, '..'),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`node ${args.join(' ')} failed:\n${stderr}`);
  return (performance.now() - since) / 1000;
}

try {
  // The first run may build the artifacts; and the disk is cold.
  secondsOf(synth);
  secondsOf(load);
  const rounds = Array.from({ length: ROUNDS }, (_, round) => {
    const figures = { load: secondsOf(load), synth: secondsOf(synth) };
    process.stderr.write(
      `round ${round + 1} of ${ROUNDS}: loading ${figures.load.toFixed(2)} s, all ${figures.synth.toFixed(2)} s\n`,
    );
    return figures;
  });
  const loadS = median(rounds.map((round) => round.load));
  const synthS = median(rounds.map((round) => round.synth));
  const ratio = median(rounds.map((round) => round.synth / round.load));
  const rounded = (value: number): number => Number(value.toFixed(2));
  process.stdout.write(
    `${JSON.stringify({ bench: 'synth', ratio: rounded(ratio), limit: LIMIT, seconds: rounded(synthS), limitSeconds: LIMIT_S, loadSeconds: rounded(loadS), rounds: ROUNDS })}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
