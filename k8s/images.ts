// Which image each container runs, from `images.lock.json`: by digest once one was pushed, so that a manifest names exactly what runs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Overlay } from './overlays.ts';

const LOCK_FILE = join(import.meta.dirname, 'images.lock.json');

interface LockedImage {
  /** Without one it is ours, and stands in the overlay's own registry. */
  readonly repository?: string;
  readonly tag: string;
  /** `sha256:…` of the image index. */
  readonly digest?: string;
}

/** By name: of our own processes, and of what others make. */
export type ImageLock = Readonly<Record<string, LockedImage>>;

export const readImageLock = (): ImageLock => JSON.parse(readFileSync(LOCK_FILE, 'utf8')) as ImageLock;

/** @throws TypeError when the lock has no such image */
export function imageOf(overlay: Overlay, name: string, lock = readImageLock()): string {
  const image = Object.hasOwn(lock, name) ? lock[name] : undefined;
  if (!image)
    throw new TypeError(`k8s/images.lock.json has no image ${name}: npm run build:images writes it`);
  const repository = image.repository ?? `${registryOf(overlay)}/${name}`;
  return image.digest ? `${repository}@${image.digest}` : `${repository}:${image.tag}`;
}

/** Where our own images are; on a laptop they are loaded into the cluster and pulled from nowhere. */
function registryOf(overlay: Overlay): string {
  if (overlay.kind === 'local') return 'shop.local';
  const { accountId, region } = overlay.settings.aws;
  const { project, environment } = overlay.settings;
  return `${accountId}.dkr.ecr.${region}.amazonaws.com/${project}-${environment}`;
}
