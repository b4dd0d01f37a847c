// Which image each container runs, from `images.lock.json`, so that a manifest names exactly what runs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Overlay } from './overlays.ts';

/** No host has this name: what is not in the cluster is not found elsewhere. */
export const LAPTOP_REGISTRY = 'shop.local';
export const LOCK_FILE = join(import.meta.dirname, 'images.lock.json');

/** Of an image index, so that one digest serves every processor. */
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hexadecimal digits');
/** What our own builder makes of an image's content. */
const contentTag = z.string().regex(/^[0-9a-f]{16}$/, 'expected 16 hexadecimal digits');

const ours = z.strictObject({
  /** Of what the sources give now: `npm run build:images -- --lock` writes it, for a laptop by hand and for all in the workflow `images`. */
  tag: contentTag,
  /** What every registry of ours has; only the workflow that pushes images writes it. @default nothing was pushed yet */
  pushed: z.strictObject({ tag: contentTag, digest }).optional(),
});
const theirs = z.strictObject({
  /** With its registry, such as `quay.io/prometheus/prometheus`. */
  repository: z.string().regex(/^[a-z0-9.-]+\.[a-z]+(\/[a-z0-9._-]+)+$/, 'expected registry/path'),
  /** Exact: `latest` and mere major versions move. */
  tag: z.string().regex(/^[\w][\w.-]*\d[\w.-]*$/, 'expected an exact version'),
  digest: digest.optional(),
  /** Where tag and digest were looked up, and on which day; why there is no digest where there is none. */
  source: z.string().regex(/\d{4}-\d{2}-\d{2}/, 'expected a source with its date'),
});

/** One of ours, built from this repository, or one that others make. */
const lockedImage = z.union([ours, theirs], {
  // Of the kind that the row is meant to be: the other's faults are no news.
  error: ({ code, input, ...issue }) => {
    if (code !== 'invalid_union') return undefined;
    const isTheirs = typeof input === 'object' && input !== null && 'repository' in input;
    const faults = (issue as { errors: z.core.$ZodIssue[][] }).errors[isTheirs ? 1 : 0] ?? [];
    return faults.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; ');
  },
});
const imageLock = z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), lockedImage);

export type OurImage = z.infer<typeof ours>;
export type ImageLock = z.infer<typeof imageLock>;

/** @throws Error that lists every faulty row */
export function readImageLock(file = LOCK_FILE): ImageLock {
  const parsed = imageLock.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(`${file} is not usable:\n${z.prettifyError(parsed.error)}`);
}

/**
 * As a container names it. On AWS ours are what was pushed, even when the sources have changed since: a manifest never asks for an image that
 * no registry has, and a new digest in the lock is a rollout. On a laptop ours are what the sources give, loaded into the cluster.
 * @throws TypeError when the lock has no such image
 */
export function imageOf(overlay: Overlay, name: string, lock = readImageLock()): string {
  const image = Object.hasOwn(lock, name) ? lock[name] : undefined;
  if (!image) throw new TypeError(`k8s/images.lock.json has no image ${name}`);
  if ('repository' in image) return reference(image.repository, image);
  // Everything that runs in a cluster on AWS is in its registry.
  const repository = `${registryOf(overlay)}/${name}`;
  return reference(repository, overlay.kind === 'local' ? { tag: image.tag } : (image.pushed ?? image));
}

/** The tag is for people: where there is a digest, it alone counts. */
const reference = (
  repository: string,
  { tag, digest }: { readonly tag: string; readonly digest?: string | undefined },
): string => `${repository}:${tag}${digest ? `@${digest}` : ''}`;

/** Where our own images are, by the cloud that runs them; on a laptop they are loaded into the cluster and pulled from nowhere. */
export function registryOf(overlay: Overlay, cloud: 'aws' | 'google' | 'laptop' = 'aws'): string {
  if (overlay.kind === 'local') return LAPTOP_REGISTRY;
  const { project, environment, aws, gcp } = overlay.settings;
  const prefix = `${project}-${environment}`;
  switch (cloud) {
    case 'aws':
      return `${aws.accountId}.dkr.ecr.${aws.region}.amazonaws.com/${prefix}`;
    case 'google':
      return `${gcp.region}-docker.pkg.dev/${gcp.projectId}/${prefix}`;
    case 'laptop':
      throw new TypeError(`images of a laptop’s cluster are not pushed to ${overlay.name}`);
  }
}
