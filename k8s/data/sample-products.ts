// The products that `npm start` begins with: without any the shop of a laptop would sell nothing, and its load would find nothing.
import type { App } from 'cdk8s';
import { SECRET_FILES_FOLDER } from '#contracts/deployed-settings.ts';
import { productService } from '#contracts/shop-processes.ts';
import { imageOf } from '../images.ts';
import { NAMESPACES } from '../namespaces.ts';
import type { LocalOverlay } from '../overlays.ts';
import { Part } from '../part.ts';
import { type Program, SMALL, secretFiles } from './pod.ts';
import { secretOf } from './secrets.ts';
import { SAMPLE_PRODUCTS } from './ways.ts';
import { Task } from './workloads.ts';

const { name } = SAMPLE_PRODUCTS;

/** What is there already stays as it is. */
export function sampleProductsPart(app: App, overlay: LocalOverlay): Part {
  const part = new Part(app, name, {
    overlay,
    project: 'shop',
    wave: 'services',
    namespace: NAMESPACES.shop,
  });
  new Task(part, 'task', { program: programOf(overlay) });
  return part;
}

const programOf = (overlay: LocalOverlay): Program => ({
  pods: SAMPLE_PRODUCTS,
  image: imageOf(overlay, name),
  env: { SETTINGS_FOLDER: SECRET_FILES_FOLDER },
  mounts: [secretFiles(SECRET_FILES_FOLDER, secretOf(productService), ['DATABASE_URL'])],
  size: SMALL,
});
