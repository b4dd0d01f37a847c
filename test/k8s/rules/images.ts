// Every image is in the lock, under an exact name.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Content } from '../content.ts';
import { containerRule, type Rule } from './rule.ts';

interface Row {
  readonly repository?: string;
  readonly tag: string;
  readonly digest?: string;
  readonly pushed?: { readonly tag: string; readonly digest: string };
}

const LOCKS = new Map<string, ReadonlyMap<string, Row>>();

/** The repository of the overlay. */
function lockOf({ repository }: Content): ReadonlyMap<string, Row> {
  const text = () => readFileSync(join(repository, 'k8s/images.lock.json'), 'utf8');
  const lock = LOCKS.get(repository) ?? new Map(Object.entries(JSON.parse(text()) as Record<string, Row>));
  LOCKS.set(repository, lock);
  return lock;
}

interface Image {
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
}

/** `registry:5000/path/name:tag@sha256:…` in its pieces. */
export function imageParts(image: string): Image {
  const [named = '', digest] = image.split('@');
  const tagAt = named.indexOf(':', named.lastIndexOf('/') + 1);
  return tagAt < 0
    ? { repository: named, digest }
    : { repository: named.slice(0, tagAt), tag: named.slice(tagAt + 1), digest };
}

const CONTENT_TAG = /^[0-9a-f]{16}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const NOTHING_BUILT = /^0+$/;

/** Why an image is not what the lock says; nothing where it is. */
export function imageFault(image: string, lock: ReadonlyMap<string, Row>): string | undefined {
  const { repository, tag, digest } = imageParts(image);
  if (digest !== undefined && !DIGEST.test(digest)) return `${digest} is no digest`;
  if (!digest && (!tag || tag === 'latest')) return `${image} may be another one tomorrow`;
  const theirs = [...lock.values()].find((row) => row.repository === repository);
  if (theirs) {
    const isSame = theirs.digest ? theirs.digest === digest : theirs.tag === tag;
    return isSame ? undefined : `the lock has ${theirs.digest ?? theirs.tag}`;
  }
  const ours = lock.get(repository.slice(repository.lastIndexOf('/') + 1));
  if (!ours || ours.repository) return `${repository} is not in the lock`;
  if (tag && !CONTENT_TAG.test(tag)) return `${tag} tells no content`;
  if (tag && NOTHING_BUILT.test(tag)) return 'nothing was built yet';
  const isLocked = digest ? ours.pushed?.digest === digest : ours.tag === tag || ours.pushed?.tag === tag;
  return isLocked ? undefined : `the lock has ${ours.tag}`;
}

export const IMAGES: readonly Rule[] = [
  containerRule({
    id: 'image-in-lock',
    title: 'a container runs an image of k8s/images.lock.json',
    remedy: 'write it with imageOf; npm run build:images -- --lock writes the tags of ours',
    field: 'image',
    check: ({ image = '' }, _pod, content) => imageFault(image, lockOf(content)),
    broken: 'an image that is called latest',
    breaks: (container) => void (container.image = `${imageParts(container.image ?? '').repository}:latest`),
  }),
  containerRule({
    id: 'image-pull',
    title: 'an image under an exact name is pulled once',
    remedy: 'set imagePullPolicy to IfNotPresent, or leave it out',
    field: 'imagePullPolicy',
    check: ({ imagePullPolicy = 'IfNotPresent' }) =>
      imagePullPolicy === 'IfNotPresent' ? undefined : `it is ${imagePullPolicy}`,
    broken: 'an image that is asked for at each start',
    breaks: (container) => void (container.imagePullPolicy = 'Always'),
  }),
];
