// The lock in, and what was built or pushed; out comes the lock as it should be. Rows of what others make stay as they are.
import { writeFileSync } from 'node:fs';
import { type ImageLock, LOCK_FILE, type OurImage } from '../images.ts';

/** What a registry has. */
export interface PushedImage {
  readonly name: string;
  readonly tag: string;
  /** Of the image index. */
  readonly digest: string;
}

/** Rows of our images whose tag is not what the sources give, that no longer have an image, or that are missing. */
export function staleRows(lock: ImageLock, tags: ReadonlyMap<string, string>): string[] {
  const ours = ourRows(lock);
  const missing = [...tags.keys()].filter((name) => !ours.has(name));
  const others = [...ours].filter(([name, { tag }]) => tags.get(name) !== tag).map(([name]) => name);
  return [...missing, ...others].toSorted();
}

/** With the tags that the sources give. @throws TypeError when an image of others has the name of one of ours */
export function withTags(lock: ImageLock, tags: ReadonlyMap<string, string>): ImageLock {
  const ours = ourRows(lock);
  const theirs = Object.entries(lock).filter(([name]) => !ours.has(name));
  const taken = theirs.find(([name]) => tags.has(name));
  if (taken)
    throw new TypeError(`k8s/images.lock.json: ${taken[0]} is an image of ours and of another publisher`);
  const renewed = [...tags].map(([name, tag]) => [name, { ...ours.get(name), tag }] as const);
  return Object.fromEntries([...theirs, ...renewed]);
}

/**
 * With what every registry has now.
 * @throws TypeError for an image that we do not build, and for a second digest of a tag: registries give a tag once
 */
export function withPushed(lock: ImageLock, images: readonly PushedImage[]): ImageLock {
  const ours = ourRows(lock);
  for (const { name, tag, digest } of images) {
    const row = ours.get(name);
    if (!row) throw new TypeError(`${name} is no image of ours`);
    const { pushed } = row;
    if (pushed?.tag === tag && pushed.digest !== digest)
      throw new TypeError(`${name}:${tag} was pushed as ${pushed.digest}, and is ${digest} now`);
    ours.set(name, { ...row, pushed: { tag, digest } });
  }
  return { ...lock, ...Object.fromEntries(ours) };
}

/** One line for an image, as the workflow writes them: name, tag, digest. */
export function readPushed(text: string): PushedImage[] {
  return text
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => {
      const [name, tag, digest, ...more] = line.trim().split(/\s+/);
      if (!name || !tag || !digest || more.length > 0)
        throw new TypeError(`expected a name, a tag and a digest: ${line}`);
      return { name, tag, digest };
    });
}

/** Sorted by name, so that two changes seldom meet in one place. */
export const lockText = (lock: ImageLock): string => {
  const sorted = Object.entries(lock).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted), undefined, 2)}\n`;
};

export const writeImageLock = (lock: ImageLock, file = LOCK_FILE): void =>
  writeFileSync(file, lockText(lock));

const ourRows = (lock: ImageLock): Map<string, OurImage> =>
  new Map(Object.entries(lock).flatMap(([name, row]) => ('repository' in row ? [] : [[name, row]])));
