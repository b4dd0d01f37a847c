// The artifact of this function: its bundle, and sharp with the binaries of Lambda's system.
import { buildFunction, printArtifact, zipPathOf } from '../build-function.ts';
import type { Artifact } from '../build-record.ts';
import { sharpFiles } from './build-sharp.ts';

export const ZIP_PATH = zipPathOf('image-renditions');

/** Builds the artifact. The same sources and lockfile give the same bytes, anywhere. */
export const buildArtifact = (zipPath = ZIP_PATH): Promise<Artifact> =>
  buildFunction(
    {
      name: 'image-renditions',
      buildFiles: [
        'lambda/image-renditions/build.ts',
        'lambda/image-renditions/build-sharp.ts',
        'lambda/build-packages.ts',
      ],
      external: ['sharp'],
      packageFiles: sharpFiles,
    },
    zipPath,
  );

if (import.meta.main) printArtifact(await buildArtifact());
