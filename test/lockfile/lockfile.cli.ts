// `npm run lockfile`: names the packages of all platforms in package-lock.json, after an install that left them out.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { complete, missingEntries } from './platform-entries.ts';

const file = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
const lockfile = JSON.parse(readFileSync(file, 'utf8'));
const packages = complete(lockfile.packages);
writeFileSync(file, `${JSON.stringify({ ...lockfile, packages }, undefined, 2)}\n`);
const added = Object.keys(packages).length - Object.keys(lockfile.packages).length;
console.log(`${added} entries added, ${missingEntries(packages).length} still missing`);
