// `npm run asyncapi`: writes the AsyncAPI document of all topics beside the contracts.
import { writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { ASYNC_API_FILE, asyncApi, asyncApiText } from './asyncapi.ts';

await writeFile(ASYNC_API_FILE, asyncApiText(asyncApi()));
console.log(relative(process.cwd(), ASYNC_API_FILE));
