// A folder for PATH with what every machine has, and nothing that this project used to ask for.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Besides Node, npm and git: the shell and the tools that POSIX promises (XCU), as far as installs call them. */
const TOOLS = (
  'sh bash env test [ expr true false echo printf sleep kill ps id uname hostname date nproc getconf ' +
  'cat cp mv rm ln ls mkdir rmdir mktemp touch chmod chown stat readlink realpath dirname basename ' +
  'head tail sort uniq cut tr wc tee xargs find grep sed awk diff cmp tar gzip gunzip which ldd file git'
).split(' ');

/** Fills the folder, and says which Python's pip is in it. */
export async function makeBarePath(folder: string): Promise<{ hasPip: boolean }> {
  await mkdir(folder, { recursive: true });
  for (const tool of TOOLS) {
    const path = find(tool);
    if (path) await symlink(realpathSync(path), join(folder, tool));
  }
  // The project's own Node comes first in the PATH of npm's scripts; this is what a person has installed.
  for (const tool of ['node', 'npm', 'npx']) await symlink(realpathSync(find(tool)!), join(folder, tool));
  return { hasPip: await linkPython(folder) };
}

/** By a script, for a Python finds its own parts by where it is; the real one, for version managers put a stand-in on the PATH. */
async function linkPython(folder: string): Promise<boolean> {
  const { stdout, status } = spawnSync('python3', ['-c', 'import pip, sys; print(sys.executable)'], {
    encoding: 'utf8',
  });
  if (status !== 0) return false;
  const script = join(folder, 'python3');
  await writeFile(script, `#!/bin/sh\nexec '${stdout.trim()}' "$@"\n`);
  await chmod(script, 0o755);
  return true;
}

/** The first on the PATH of this process that is not this project's own. */
const find = (tool: string): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, tool))
    .find((path) => existsSync(path));

/** Programs that must not be found there. */
export const foundOn = (folder: string, names: readonly string[]): string[] =>
  readdirSync(folder).filter((name) => names.includes(name));
