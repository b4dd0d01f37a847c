// Eclipse Temurin's runtime, the public one for everybody: pinned, with the checksums that Adoptium has published.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { download } from '../downloads/download.ts';
import { createMeter } from '../downloads/meter.ts';
import type { KnownFile } from '../downloads/origin.ts';
import { unpackTar } from '../downloads/unpack.ts';
import { JAVA_REMEDY, type JavaRuntime } from './java-runtime.ts';

const VERSION = '25.0.4+7';
const RELEASES = 'https://github.com/adoptium/temurin25-binaries/releases/download';

/**
 * By system and processor. Linux: github.com/adoptium/containers, 25/jre/ubuntu/noble/Dockerfile at d8d18d6 of 2026-08-05. macOS:
 * github.com/halcyon/asdf-java, data/jdk-macosx-*.tsv at 04b369d of 2026-08-22, which repeats Adoptium's own list, and has the
 * same numbers for Linux.
 */
const ARCHIVES: Readonly<Record<string, { system: string; sha256: string }>> = {
  'linux-x64': {
    system: 'x64_linux',
    sha256: 'aed3915f8facc0c80733ab2448bb0df4b494a36a2c5759e9a6e1eb979720f2b3',
  },
  'linux-arm64': {
    system: 'aarch64_linux',
    sha256: '1f2644427000316bc431df3389504551ed7464fe8486bf6b4f1130af9ffc8f55',
  },
  'darwin-x64': {
    system: 'x64_mac',
    sha256: '1603a51392d6e4aa66dea50f60cc725d40ed77c05bf7557096e5003807236296',
  },
  'darwin-arm64': {
    system: 'aarch64_mac',
    sha256: 'bc5c721d4475b328e50cc0fbbe3319773db374716836e7caa8fb4398c1f90eba',
  },
};

/** The archive for a system such as `linux-x64`; undefined where Temurin's is not pinned here. */
export function temurinArchive(
  system = `${process.platform}-${process.arch}`,
  env: NodeJS.ProcessEnv = process.env,
): KnownFile | undefined {
  const archive = Object.hasOwn(ARCHIVES, system) ? ARCHIVES[system] : undefined;
  if (!archive) return undefined;
  const base = (env.TEMURIN_MIRROR || RELEASES).replace(/\/$/, '');
  const name = `OpenJDK25U-jre_${archive.system}_hotspot_${VERSION.replace('+', '_')}.tar.gz`;
  return {
    name,
    url: `${base}/jdk-${encodeURIComponent(VERSION)}/${name}`,
    sha256: archive.sha256,
    origin: {
      owner: env.TEMURIN_MIRROR ? 'the Temurin mirror named by TEMURIN_MIRROR' : 'Eclipse Temurin',
      remedy: JAVA_REMEDY,
    },
  };
}

/** The runtime for this machine; undefined where none is pinned. */
export function temurin(archive = temurinArchive()): JavaRuntime | undefined {
  if (!archive) return undefined;
  const name = `Eclipse Temurin ${VERSION}`;
  return {
    name,
    folderName: `temurin-${VERSION.replace('+', '_')}`,
    program: process.platform === 'darwin' ? 'runtime/Contents/Home/bin/java' : 'runtime/bin/java',
    fetch: async (folder, progress) => {
      const file = join(folder, archive.name);
      progress(`fetching the Java runtime ${name} from ${archive.origin.owner}, once`);
      await download(archive, file, createMeter(name, progress));
      // What an earlier try unpacked may be half a runtime.
      await rm(join(folder, 'runtime'), { recursive: true, force: true });
      await unpackTar(file, join(folder, 'runtime'));
      await rm(file);
    },
  };
}
