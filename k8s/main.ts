// Writes what ArgoCD is given and syncs: the manifests of every overlay, into Git. Offline; the same sources give the same bytes.
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { staleFiles } from './drift.ts';
import { renderAll } from './render.ts';
import { writeFiles } from './write.ts';

const HELP = `Writes the manifests of every overlay into k8s/overlays, which ArgoCD reads from Git, and into k8s/bootstrap what a laptop's cluster
is given first.

  npm run manifests [-- --check]

  --check   writes nothing; says which committed files differ from what would be written, exit code 1 if any does
  --help    this text`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function main(): void {
  const options = { check: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
  const { values } = parseArgs({ options });
  if (values.help) return say(HELP);
  const folders = [...renderAll()].map(([name, files]) => ({ path: join(import.meta.dirname, name), files }));
  const count = folders.reduce((sum, { files }) => sum + files.size, 0);
  if (!values.check) {
    for (const { path, files } of folders) writeFiles(path, files);
    return say(`${count} manifests in ${folders.map(({ path }) => relative('.', path)).join(', ')}`);
  }
  const stale = folders.flatMap(({ path, files }) =>
    staleFiles(path, files).map((file) => `  ${file.what.padEnd(8)} ${relative('.', join(path, file.path))}`),
  );
  if (stale.length === 0) return say(`${count} manifests are as they would be written`);
  for (const line of stale) say(line);
  say(`${stale.length} manifests differ from their sources: npm run synth writes them, commit what it wrote`);
  process.exitCode = 1;
}

main();
