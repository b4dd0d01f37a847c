// Builds the context of every image, and keeps the lock of images up to date with them.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { readImageLock, registryOf } from '../images.ts';
import { readOverlays } from '../overlays.ts';
import { stopBundler } from './bundle.ts';
import { IMAGE_SOURCES, type ImageSource } from './catalogue.ts';
import { buildContext, CONTEXTS_FOLDER } from './context.ts';
import { loadImages } from './load.ts';
import { readPushed, staleRows, withPushed, withTags, writeImageLock } from './lock.ts';

const HELP = `Writes the build context of every image into dist/images, each with a tag made of its content.

  npm run build:images [-- <options>]

  --only <names>        these images, with commas between
  --lock                also writes the tags into k8s/images.lock.json
  --load kind|docker    also builds the images in the Docker of this machine, and loads them into the cluster of kind;
                        without --only it locks their tags too, since manifests must name what was loaded
  --cluster <name>      of kind, where it is not the one called kind
  --pushed <file>       builds nothing: writes digests into the lock, one line for an image: name, tag, digest
  --pushable            builds nothing: lists the images that registries get, with their tags in the lock
  --unpushed            builds nothing: of these, the ones that the lock has no digest for
  --where <environment> builds nothing: lists them with their repositories in the environment
  --help                this text

Images: ${IMAGE_SOURCES.map(({ name }) => name).join(', ')}`;

const options = {
  only: { type: 'string' },
  lock: { type: 'boolean' },
  load: { type: 'string' },
  cluster: { type: 'string' },
  pushed: { type: 'string' },
  pushable: { type: 'boolean' },
  unpushed: { type: 'boolean' },
  where: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const done = styleText('green', '✓', { stream: process.stdout });

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  if (values.help) return say(HELP);
  if (values.pushed !== undefined) return recordPushed(values.pushed);
  if (values.pushable || values.unpushed) return sayPushable(values.unpushed === true);
  if (values.where !== undefined) return sayWhere(values.where);
  const target = loadTargetOf(values.load);
  const sources = chosen(values.only);
  if (values.lock && values.only) throw new TypeError('--lock writes all tags: leave --only out');
  const tags = await buildAll(sources);
  if (values.lock || (target && !values.only)) lockTags(tags);
  if (target) loadImages({ target, folder: CONTEXTS_FOLDER, tags, cluster: values.cluster });
}

function chosen(only: string | undefined): readonly ImageSource[] {
  if (only === undefined) return IMAGE_SOURCES;
  return only.split(',').map((name) => {
    const source = IMAGE_SOURCES.find((one) => one.name === name);
    if (!source) throw new TypeError(`there is no image ${name}: see --help`);
    return source;
  });
}

/** One after another: one bundler alone uses every processor. */
async function buildAll(sources: readonly ImageSource[]): Promise<Map<string, string>> {
  const tags = new Map<string, string>();
  const width = Math.max(...sources.map(({ name }) => name.length));
  try {
    for (const source of sources) {
      const since = performance.now();
      const { imageTag } = await buildContext(source);
      tags.set(source.name, imageTag);
      const seconds = ((performance.now() - since) / 1000).toFixed(1);
      say(`  ${done} ${source.name.padEnd(width)}  ${imageTag}  ${seconds} s`);
    }
  } finally {
    await stopBundler();
  }
  say(`${tags.size} contexts in ${relative('.', CONTEXTS_FOLDER)}`);
  return tags;
}

function lockTags(tags: ReadonlyMap<string, string>): void {
  const lock = readImageLock();
  const stale = staleRows(lock, tags);
  writeImageLock(withTags(lock, tags));
  say(stale.length === 0 ? 'the lock has these tags' : `new in the lock: ${stale.join(', ')}`);
  if (stale.length > 0) say('npm run manifests writes what names them; commit both');
}

function recordPushed(file: string): void {
  const images = readPushed(readFileSync(file, 'utf8'));
  writeImageLock(withPushed(readImageLock(), images));
  say(`${images.length} digests in k8s/images.lock.json; npm run manifests writes what names them`);
}

/** What clouds run, with its row in the lock. */
function pushableImages() {
  const lock = readImageLock();
  return IMAGE_SOURCES.flatMap((source) => {
    const row = Object.hasOwn(lock, source.name) ? lock[source.name] : undefined;
    if (source.registry === 'laptop' || !row || 'repository' in row) return [];
    return [{ ...source, row }];
  });
}

/** For the workflow that builds: name and tag, a line each. */
function sayPushable(isUnpushed: boolean): void {
  for (const { name, row } of pushableImages())
    if (!isUnpushed || row.pushed?.tag !== row.tag) say(`${name} ${row.tag}`);
}

/** For the workflow that pushes: name, tag and repository, a line each. */
function sayWhere(environment: string): void {
  const overlay = readOverlays().find(({ name }) => name === `aws-${environment}`);
  if (!overlay) throw new TypeError(`there is no environment ${environment}`);
  for (const { name, registry, row } of pushableImages())
    say(`${name} ${row.tag} ${registryOf(overlay, registry)}/${name}`);
}

function loadTargetOf(text: string | undefined): 'docker' | 'kind' | undefined {
  if (text === undefined || text === 'docker' || text === 'kind') return text;
  throw new TypeError(`--load takes kind or docker, and not ${text}`);
}

await main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
