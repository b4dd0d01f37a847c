// Gives the image of a new service its row in the lock, and leaves all other rows alone. A separate process: it must see the
// contract as it was just written.

import { stopBundler } from '../../../k8s/images/bundle.ts';
import { IMAGE_SOURCES } from '../../../k8s/images/catalogue.ts';
import { buildContext } from '../../../k8s/images/context.ts';
import { writeImageLock } from '../../../k8s/images/lock.ts';
import { readImageLock } from '../../../k8s/images.ts';

const [, , name] = process.argv;
const source = IMAGE_SOURCES.find((one) => one.name === name);
if (!source) throw new TypeError(`there is no image ${name}`);
try {
  const { imageTag: tag } = await buildContext(source);
  writeImageLock({ ...readImageLock(), [source.name]: { tag } });
} finally {
  await stopBundler();
}
