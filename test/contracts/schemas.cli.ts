// `npm run schemas`: writes the golden schema of every event. Refuses a breaking change, whatever the goldens' state, unless it was
// decided: `npm run schemas -- --because docs/adr/0017-….md`, a decision that names every event type it breaks.
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { breakingChanges } from './breaking-changes.ts';
import {
  breakingMessage,
  decisionFault,
  eventContracts,
  goldenFileOf,
  goldenFolder,
  goldenText,
  jsonSchemaOf,
  readGoldens,
} from './golden-schemas.ts';

const { values } = parseArgs({ options: { because: { type: 'string' } } });
const goldens = await readGoldens();
const broken = eventContracts().flatMap((contract) => {
  const golden = goldens.get(contract.type);
  const changes = golden ? breakingChanges(golden, jsonSchemaOf(contract)) : [];
  const message = breakingMessage(contract.type, changes);
  return message ? [{ type: contract.type, message }] : [];
});
if (broken.length > 0) {
  const types = broken.map(({ type }) => type);
  const fault = values.because
    ? decisionFault(values.because, await readFile(values.because, 'utf8'), types)
    : broken.map(({ message }) => message).join('\n');
  if (fault) {
    console.error(fault);
    process.exit(1);
  }
  const line = `- ${types.map((type) => `\`${type}\``).join(', ')}: [${values.because}](../../${values.because})\n`;
  await appendFile(join(goldenFolder, 'BREAKING.md'), line);
}
for (const contract of eventContracts()) {
  await writeFile(join(goldenFolder, goldenFileOf(contract.type)), goldenText(jsonSchemaOf(contract)));
  console.log(`contracts/schemas/${goldenFileOf(contract.type)}`);
}
