// Each object of a kind that Kubernetes has itself against Kubernetes' own schemas, strictly: an unknown field is a fault.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, type Installed, installProgram, type NotInstalled } from '../../python-program.ts';
import type { Placed } from '../content.ts';
import { isCustom } from './models.ts';

const PROGRAM = {
  name: 'kubernetes-validate',
  requirements: join(import.meta.dirname, 'requirements.txt'),
  command: 'npm run check:manifests -- --install',
};

export const findValidator = (): Installed | NotInstalled => findProgram(PROGRAM);
/** Takes some seconds and 145 MB. */
export const installValidator = (say: (line: string) => void): Installed | NotInstalled =>
  installProgram(PROGRAM, say);

/**
 * What the schemas of a version of Kubernetes say of each object that they refuse.
 *
 * @param version - such as `1.35`
 * @throws Error when it did not judge every object
 */
export function schemaFaults(
  { path }: Installed,
  version: string,
  objects: readonly Placed[],
): ReadonlyMap<Placed, string> {
  const judged = objects.filter(({ object }) => !isCustom(object));
  const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
  try {
    judged.forEach(({ object }, index) =>
      writeFileSync(join(folder, `${index}.json`), JSON.stringify(object)),
    );
    const files = judged.map((_placed, index) => `${index}.json`);
    const args = ['--strict', '--kubernetes-version', version, ...files];
    const { stdout, stderr, error } = spawnSync(path, args, {
      encoding: 'utf8',
      cwd: folder,
      maxBuffer: 64 * 1024 * 1024,
    });
    if (error) throw error;
    return readVerdicts(stdout, stderr, judged);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One line an object: `INFO 3.json passed for …`, `ERROR 3.json did not validate for …: spec: …`. */
function readVerdicts(
  output: string,
  stderr: string,
  judged: readonly Placed[],
): ReadonlyMap<Placed, string> {
  const verdicts = new Map(
    [...output.matchAll(/^(INFO|WARN|ERROR) (\d+)\.json (.*)$/gm)].map(([, level, index, text = '']) => [
      Number(index),
      { level, text },
    ]),
  );
  const silent = judged.findIndex((_placed, index) => !verdicts.has(index));
  if (silent >= 0)
    throw new Error(`kubernetes-validate did not judge ${judged[silent]!.file}: ${output}${stderr}`);
  return new Map(
    judged.flatMap((placed, index) => {
      const { level, text } = verdicts.get(index)!;
      return level === 'INFO' ? [] : [[placed, text.replace(/^did not validate .*? version [\d.]+: /, '')]];
    }),
  );
}
