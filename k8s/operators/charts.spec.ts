import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

it('npm run charts says in a sentence that Helm is not there, and how to name it', () => {
  const args = [join(import.meta.dirname, 'charts.cli.ts'), '--check', '--helm', 'no-such-helm'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, 'no-such-helm is not there: install Helm 3, or name it by --helm\n']);
});
