// The artifact of this function: its bundle, and nothing beside it.
import { buildFunction, printArtifact, zipPathOf } from '../build-function.ts';

if (import.meta.main) {
  const source = { name: 'database-roles', buildFiles: ['lambda/database-roles/build.ts'] };
  printArtifact(await buildFunction(source, zipPathOf('database-roles')));
}
