// `npm run ratchet`: lowers the recorded sizes to the present ones. Where no record exists it writes the first.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Oversizes, oversizesOf, tighten } from './size-ratchet.ts';
import { sourceFiles } from './source-files.ts';

const recordFile = fileURLToPath(new URL('oversizes.json', import.meta.url));
const now = oversizesOf(sourceFiles());
const recorded: Oversizes = existsSync(recordFile) ? JSON.parse(readFileSync(recordFile, 'utf8')) : now;
const next = tighten(now, recorded);
writeFileSync(recordFile, `${JSON.stringify(next, undefined, 2)}\n`);
console.log(`${Object.keys(next).length} oversizes recorded, ${Object.keys(now).length} present`);
