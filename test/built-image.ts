// An image's content, run as its container runs it, without a container: in a folder with nothing above it, which nobody may
// write, by plain Node, and with Node's own permissions in place of a read-only root: no file anywhere may be written.
import { spawn } from 'node:child_process';
import { chmod, cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IMAGE_SOURCES } from '../k8s/images/catalogue.ts';
import { type ModuleProcess, watchChild } from './child-process.ts';
import { keptContext } from './kept-image.ts';

/** May read all, listen and connect; writes nothing, starts no process and no thread. */
const READ_ONLY = ['--permission', '--allow-fs-read=*'];

export type RunningImage = ModuleProcess;

export interface BuiltImage {
  /** Where `/app` of the image is. */
  readonly app: string;
  /** With nothing in the environment but this. */
  run(env: Readonly<Record<string, string>>): RunningImage;
  remove(): Promise<void>;
}

/**
 * The context of an image of the catalogue, built where it is not fresh, and unpacked as the recipe does; negative controls spoil it before
 * it is closed.
 * The bundler runs until `stopBundler`.
 */
export async function openBuiltImage(
  name: string,
  spoil: (app: string) => Promise<void> = async () => {},
): Promise<BuiltImage> {
  const source = IMAGE_SOURCES.find((one) => one.name === name);
  if (!source) throw new TypeError(`there is no image ${name}`);
  const folder = await mkdtemp(join(tmpdir(), `image-${name}-`));
  const context = await keptContext(source);
  const app = join(folder, 'app');
  await cp(join(context, 'app'), app, { recursive: true });
  const recipe = await readFile(join(context, 'Dockerfile'), 'utf8');
  const command = /^CMD \["(.+)"\]$/m.exec(recipe)![1]!;
  const settings = environmentOf(recipe);
  await spoil(app);
  await setWritable(app, false);
  return {
    app,
    run: (env) => run(app, command, { ...settings, ...env }),
    remove: async () => {
      await setWritable(app, true);
      await rm(folder, { recursive: true });
    },
  };
}

/** What `ENV` of the recipe says. */
function environmentOf(recipe: string): Record<string, string> {
  const pairs = [...recipe.matchAll(/^ENV (.+)$/gm)].flatMap(([, line]) => line!.split(' '));
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s, 2)));
}

async function setWritable(app: string, isWritable: boolean): Promise<void> {
  await chmod(app, isWritable ? 0o755 : 0o555);
  for (const entry of await readdir(app, { recursive: true, withFileTypes: true }))
    if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), isWritable ? 0o755 : 0o555);
}

const run = (app: string, command: string, env: Readonly<Record<string, string>>): RunningImage =>
  watchChild(
    spawn(process.execPath, [...READ_ONLY, command], {
      cwd: app,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
