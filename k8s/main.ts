// Writes what ArgoCD syncs: the manifests of every overlay, into Git. Offline; the same sources give the same bytes.
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { staleFiles } from './drift.ts';
import { readOverlays } from './overlays.ts';
import { partsOf } from './parts.ts';
import { type Files, filesOf, writeFiles } from './write.ts';

const FOLDER = join(import.meta.dirname, 'overlays');
const HELP = `Writes the manifests of every overlay into k8s/overlays, which ArgoCD reads from Git.

  npm run manifests [-- --check]

  --check   writes nothing; says which committed files differ from what would be written, exit code 1 if any does
  --help    this text`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function main(): void {
  const options = { check: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
  const { values } = parseArgs({ options });
  if (values.help) return say(HELP);
  const files = render();
  if (values.check) return check(files);
  writeFiles(FOLDER, files);
  say(`${files.size} manifests in ${relative('.', FOLDER)}`);
}

function render(): Files {
  return new Map(readOverlays().flatMap((overlay) => [...filesOf(overlay.name, partsOf(overlay))]));
}

function check(files: Files): void {
  const stale = staleFiles(FOLDER, files);
  if (stale.length === 0) return say(`${files.size} manifests are as they would be written`);
  for (const { path, what } of stale) say(`  ${what.padEnd(8)} k8s/overlays/${path}`);
  say(`${stale.length} manifests differ from their sources: npm run synth writes them, commit what it wrote`);
  process.exitCode = 1;
}

main();
