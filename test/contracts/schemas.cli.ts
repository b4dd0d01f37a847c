// `npm run schemas`: writes the golden schema of every event. Refuses a breaking change, whatever the goldens' state.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { breakingChanges } from './breaking-changes.ts';
import {
  breakingMessage,
  eventContracts,
  goldenFileOf,
  goldenFolder,
  goldenText,
  jsonSchemaOf,
  readGoldens,
} from './golden-schemas.ts';

const goldens = await readGoldens();
const refused = eventContracts().flatMap((contract) => {
  const golden = goldens.get(contract.type);
  const changes = golden ? breakingChanges(golden, jsonSchemaOf(contract)) : [];
  return breakingMessage(contract.type, changes) ?? [];
});
if (refused.length > 0) {
  console.error(refused.join('\n'));
  process.exit(1);
}
for (const contract of eventContracts()) {
  await writeFile(join(goldenFolder, goldenFileOf(contract.type)), goldenText(jsonSchemaOf(contract)));
  console.log(`contracts/schemas/${goldenFileOf(contract.type)}`);
}
