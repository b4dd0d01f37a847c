// The artifact of this function: its bundle, and nothing beside it.
import { buildFunction, printArtifact, zipPathOf } from '../build-function.ts';

if (import.meta.main) {
  const source = { name: 'kafka-topics', buildFiles: ['lambda/kafka-topics/build.ts'] };
  printArtifact(await buildFunction(source, zipPathOf('kafka-topics')));
}
