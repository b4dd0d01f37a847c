// Built contexts in; the images in the Docker of this machine, and in a cluster of kind. Not run where these were written: there is no
// Docker; a spec holds which commands are given.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { LAPTOP_REGISTRY } from '../images.ts';

export interface LoadOptions {
  readonly target: 'docker' | 'kind';
  /** Of the contexts. */
  readonly folder: string;
  /** Tags by name. */
  readonly tags: ReadonlyMap<string, string>;
  /** Of kind's cluster. @default kind's own, `kind` */
  readonly cluster?: string | undefined;
}

/** Programs and their arguments, in order. */
export function loadCommands({ target, folder, tags, cluster }: LoadOptions): string[][] {
  const images = [...tags].map(([name, tag]) => ({ name, image: `${LAPTOP_REGISTRY}/${name}:${tag}` }));
  // An attestation beside the image is what `kind load` of today stumbles over (kubernetes-sigs/kind#3795).
  const builds = images.map(({ name, image }) => [
    'docker',
    'build',
    '--provenance=false',
    '--tag',
    image,
    join(folder, name),
  ]);
  if (target === 'docker') return builds;
  const all = images.map(({ image }) => image);
  return [...builds, ['kind', 'load', 'docker-image', ...(cluster ? ['--name', cluster] : []), ...all]];
}

/** @throws Error with the command that failed */
export function loadImages(options: LoadOptions): void {
  for (const [program, ...args] of loadCommands(options)) {
    const { status, error } = spawnSync(program!, args, { stdio: 'inherit' });
    if (error || status !== 0)
      throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}`);
  }
}
