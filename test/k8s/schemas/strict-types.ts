// Each object against the type of its kind, as if it had been written in TypeScript with that type: the compiler refuses a field that the
// type does not know, which models let pass. It needs nothing but what is installed, and knows the kinds of operators too.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Placed } from '../content.ts';
import { moduleOf } from './models.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** Inside of the checkout, or the packages would not be found. */
const FOLDER = join(ROOT, '.cache/manifest-types');
const COMPILER = join(ROOT, 'node_modules/typescript/bin/tsc');

/** What the compiler says of each object that it refuses. */
export function typeFaults(objects: readonly Placed[]): ReadonlyMap<Placed, readonly string[]> {
  mkdirSync(FOLDER, { recursive: true });
  const folder = mkdtempSync(join(FOLDER, 'run-'));
  try {
    const known = objects.filter(({ object }) => moduleOf(object));
    known.forEach((placed, index) => writeFileSync(join(folder, `${fileOf(index)}.ts`), sourceOf(placed)));
    writeFileSync(join(folder, 'tsconfig.json'), CONFIGURATION);
    return readFaults(compile(folder), known);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const fileOf = (index: number): string => `object-${index}`;

const sourceOf = ({ object }: Placed): string =>
  [
    `import type { I${object.kind} } from '${moduleOf(object)}';`,
    `export const object: I${object.kind} = ${JSON.stringify(object, undefined, 1)};`,
  ].join('\n');

const CONFIGURATION = JSON.stringify({
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    moduleResolution: 'nodenext',
    types: [],
    noEmit: true,
    strict: true,
    skipLibCheck: true,
  },
  include: ['*.ts'],
});

/** @throws Error when the compiler does not run, or complains of something else than an object */
function compile(folder: string): string {
  const { stdout, stderr, status, error } = spawnSync(
    process.execPath,
    [COMPILER, '--project', folder, '--pretty', 'false'],
    { encoding: 'utf8', cwd: folder, maxBuffer: 64 * 1024 * 1024 },
  );
  if (error) throw error;
  if (status !== 0 && !stdout.includes('object-')) throw new Error(`tsc failed: ${stdout}${stderr}`);
  return stdout;
}

function readFaults(output: string, objects: readonly Placed[]): ReadonlyMap<Placed, readonly string[]> {
  const faults = new Map<Placed, string[]>();
  for (const [, index, text = ''] of output.matchAll(/^object-(\d+)\.ts\(.*?\): error TS\d+: (.*)$/gm)) {
    const placed = objects[Number(index)]!;
    faults.set(placed, [...(faults.get(placed) ?? []), text]);
  }
  return faults;
}
