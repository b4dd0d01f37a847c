// The initialization action itself, in a shell, with stand-ins for the two commands that reach Google.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const SCRIPT = join(import.meta.dirname, 'init-actions', 'install-flink-libraries.sh');
const JAR = 'bytes of a jar';
const SHA256 = createHash('sha256').update(JAR).digest('hex');
const KAFKA = `gs://init/libraries/${SHA256}/flink-connector-kafka.jar`;
const JDBC = `gs://init/libraries/${SHA256}/flink-connector-jdbc.jar`;

let folder: string;
const inside = (...names: string[]) => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flink-libraries-'));
  for (const name of ['bin', 'lib', 'attributes']) mkdirSync(inside(name));
  // The last word of the call is the address, and the last part of that the attribute's name.
  standIn('curl', `exec cat "${inside('attributes')}/\${!###*/}"`);
  standIn('gcloud', `[[ "$1 $2" == 'storage cp' ]] && printf '${JAR}' >"$4"`);
});
afterEach(() => rmSync(folder, { recursive: true }));

function standIn(command: string, lines: string): void {
  writeFileSync(inside('bin', command), `#!/bin/bash\n${lines}\n`);
  chmodSync(inside('bin', command), 0o755);
}

/** Runs it on a node with these attributes. */
async function start(
  attributes: Readonly<Record<string, string>>,
): Promise<[status: number, errors: string]> {
  for (const [name, value] of Object.entries(attributes)) writeFileSync(inside('attributes', name), value);
  const env = { PATH: `${inside('bin')}:${process.env.PATH}`, FLINK_LIB: inside('lib') };
  const child = spawn('bash', [SCRIPT], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const [status] = await once(child, 'close');
  return [status, errors];
}

const installed = () => readdirSync(inside('lib')).toSorted();

describe('the initialization action', () => {
  it('puts each library into the folder of Flink on the master', async () => {
    const libraries = `${KAFKA} ${JDBC}`;
    expect(await start({ 'dataproc-role': 'Master', 'flink-libraries': libraries })).toEqual([0, '']);
    expect(installed()).toEqual(['flink-connector-jdbc.jar', 'flink-connector-kafka.jar']);
    expect(readFileSync(inside('lib', 'flink-connector-kafka.jar'), 'utf8')).toBe(JAR);
  });

  it('does nothing on a worker, which has no Flink', async () => {
    rmSync(inside('lib'), { recursive: true });
    expect(await start({ 'dataproc-role': 'Worker', 'flink-libraries': KAFKA })).toEqual([0, '']);
  });

  it('does nothing where no library is wanted', async () => {
    expect(await start({ 'dataproc-role': 'Master', 'flink-libraries': 'none' })).toEqual([0, '']);
    expect(installed()).toEqual([]);
  });

  it('fails where Flink is missing', async () => {
    rmSync(inside('lib'), { recursive: true });
    const [status, errors] = await start({ 'dataproc-role': 'Master', 'flink-libraries': 'none' });
    expect([status, errors]).toEqual([1, expect.stringContaining('FLINK must be among')]);
  });

  it('fails on a library that is not what its address says, and leaves nothing of it', async () => {
    const wrong = KAFKA.replace(SHA256, '0'.repeat(64));
    const [status, errors] = await start({ 'dataproc-role': 'Master', 'flink-libraries': wrong });
    expect([status, errors]).toEqual([1, expect.stringContaining(`has SHA-256 ${SHA256}`)]);
    expect(installed()).toEqual([]);
  });

  it('fails on a library that cannot be read', async () => {
    standIn('gcloud', 'exit 1');
    const [status, errors] = await start({ 'dataproc-role': 'Master', 'flink-libraries': KAFKA });
    expect([status, errors]).toEqual([1, expect.stringContaining(`cannot read ${KAFKA}`)]);
  });

  it('fails on a node that does not say what it is', async () => {
    const [status, errors] = await start({});
    expect([status, errors]).toEqual([1, expect.stringContaining('no attribute dataproc-role')]);
  });
});
