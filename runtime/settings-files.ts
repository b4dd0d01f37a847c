// Settings that lie in files, one for each: so a secret comes into a container without standing in its environment, where every child
// process and many a crash report finds it. Kubernetes mounts a Secret like that.
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ownOf } from './own.ts';

/** Names the folder. */
export const SETTINGS_FOLDER = 'SETTINGS_FOLDER';
/** Far more than a key or a certificate needs. */
const BYTES_MAX = 65_536;

export interface SettingsFiles {
  /** Name to value; an empty file is an unset setting, as an empty variable is. */
  readonly values: ReadonlyMap<string, string>;
  /** Name to what is wrong, never quoting what is in the file. */
  readonly faults: ReadonlyMap<string, string>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Only files of these names are opened: everything else in the folder, such as the kubelet's `..data`, is no setting. */
export function readSettingsFiles(names: readonly string[], env: Environment): SettingsFiles {
  const values = new Map<string, string>();
  const faults = new Map<string, string>();
  const folder = ownOf(env, SETTINGS_FOLDER);
  if (!folder) return { values, faults };
  if (!isFolder(folder)) faults.set(SETTINGS_FOLDER, 'is no folder that can be read');
  else
    for (const name of names) {
      const read = readSetting(join(folder, name));
      if ('fault' in read) faults.set(name, read.fault);
      else if (read.value) values.set(name, read.value);
    }
  return { values, faults };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

type Read = { readonly value: string | undefined } | { readonly fault: string };

function readSetting(path: string): Read {
  let file: number;
  try {
    // Without waiting: a pipe of that name would hold up the start until something is written to it.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { value: undefined } : { fault: `its file cannot be read (${code})` };
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile()) return { fault: 'what has its name is no file' };
    if (found.size > BYTES_MAX) return { fault: `its file is larger than ${BYTES_MAX} bytes` };
    return { value: withoutNewline(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))) };
  } catch {
    return { fault: 'its file is no text in UTF-8' };
  } finally {
    closeSync(file);
  }
}

/** Editors and `echo` end a file by one; a value ends before it. */
const withoutNewline = (text: string): string => text.replace(/\r?\n$/, '');
