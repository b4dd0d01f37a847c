import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { builtArtifacts } from './built-artifacts.ts';

/** A checkout in small: builds that hash their source, as ours do, and say how often they ran. */
const BUILD = (record: string, field: string) => `
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
const sha256 = createHash('sha256').update(readFileSync('source.ts')).digest('hex');
mkdirSync('dist/lambda', { recursive: true });
mkdirSync('dist/images', { recursive: true });
const names = readdirSync('migrations').toSorted().join('\\n');
const migrations = createHash('sha256').update(names).digest('hex');
const inputs = { 'source.ts': sha256, migrations };
writeFileSync('${record}', JSON.stringify({ inputs, ${field}: sha256.slice(0, 16), arguments: process.argv.slice(2) }));
`;
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'artifacts-'));
  const build = (folder: string, record: string, field: string, program = 'build.ts') => {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, program), BUILD(record, field));
  };
  mkdirSync(join(root, 'migrations'));
  build('lambda/image-renditions', 'dist/lambda/image-renditions.json', 'sha256Base64');
  build('lambda/kafka-topics', 'dist/lambda/kafka-topics.json', 'sha256Base64');
  build('lambda/database-roles', 'dist/lambda/database-roles.json', 'sha256Base64');
  build('k8s/images', 'dist/images/analytics.json', 'imageTag', 'build.cli.ts');
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'source.ts'), 'export const one = 1;');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const read = ({ hasFlinkJob = false } = {}) => {
  const built: string[] = [];
  const artifacts = builtArtifacts((program) => built.push(program), { hasFlinkJob, root });
  return { built, artifacts };
};
const ALL = [
  'lambda/image-renditions/build.ts',
  'lambda/kafka-topics/build.ts',
  'lambda/database-roles/build.ts',
  'k8s/images/build.cli.ts --only analytics',
];

describe('the artifacts', () => {
  it('are built when they are missing, and then no more', () => {
    expect(read().built).toEqual(ALL);
    expect(read().built).toEqual([]);
  });

  it('are built again, with another tag, when a source has changed since', () => {
    const before = read().artifacts.analyticsImageTag;
    appendFileSync(join(root, 'source.ts'), '\nexport const two = 2;');
    const { built, artifacts } = read();
    expect(built).toEqual(ALL);
    expect(artifacts.analyticsImageTag).not.toBe(before);
    expect(artifacts.imageRenditions.zipPath).toBe(join(root, 'dist/lambda/image-renditions.zip'));
  });

  it('are built again when a file was added to a folder of theirs', () => {
    expect(read().built).toEqual([]);
    writeFileSync(join(root, 'migrations/0002-more.sql'), 'SELECT 1');
    expect(read().built).toEqual(ALL);
  });

  it('are built again when their record is broken, the worker’s image alone among all images', () => {
    writeFileSync(join(root, 'dist/images/analytics.json'), '{}');
    expect(read().built).toEqual(['k8s/images/build.cli.ts --only analytics']);
    const record = JSON.parse(readFileSync(join(root, 'dist/images/analytics.json'), 'utf8'));
    expect(record.arguments).toEqual(['--only', 'analytics']);
  });

  it('hold the files of a Flink job and its connectors with their hashes, where one is wanted', () => {
    mkdirSync(join(root, 'analytics/flink'), { recursive: true });
    writeFileSync(join(root, 'analytics/flink/job.sql'), 'SELECT 1');
    writeFileSync(join(root, 'analytics/flink/README.md'), 'not for Dataproc');
    mkdirSync(join(root, 'local/jars'), { recursive: true });
    const program = 'local/jars/stage-connectors.cli.ts';
    const jars = [{ name: 'kafka.jar', sha256: 'a'.repeat(64) }];
    writeFileSync(
      join(root, program),
      `import { writeFileSync } from 'node:fs';
       writeFileSync('dist/flink-connectors.json', '${JSON.stringify({ inputs: {}, jars })}');`,
    );
    expect(read().artifacts.flinkJob).toEqual([]);
    const { built, artifacts } = read({ hasFlinkJob: true });
    expect(built).toEqual([program]);
    expect(artifacts.flinkJob).toEqual([
      expect.objectContaining({ name: 'job.sql', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }),
      { ...jars[0], path: join(root, 'dist/flink-connectors/kafka.jar') },
    ]);
  });

  it('that cannot be built stop everything, with what the build said', () => {
    const program = join(root, 'lambda/kafka-topics/build.ts');
    const good = readFileSync(program, 'utf8');
    writeFileSync(program, "throw new Error('no disk');");
    rmSync(join(root, 'dist/lambda/kafka-topics.json'));
    expect(read).toThrow(/lambda\/kafka-topics\/build\.ts failed:[\s\S]*no disk/);
    writeFileSync(program, good);
  });
});
