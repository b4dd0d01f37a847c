// `npm run openapi`: writes the OpenAPI document of every service beside it, in the form that the formatter keeps.
import { spawnSync } from 'node:child_process';
import { relative } from 'node:path';
import { writeOpenApi } from '#runtime/openapi.ts';
import { documentFileOf, SERVICE_ROUTES } from './service-documents.ts';

const files: string[] = [];
for (const [service, routes] of Object.entries(SERVICE_ROUTES)) {
  const file = documentFileOf(service);
  await writeOpenApi(file, service, routes);
  files.push(file);
}
const { status, stderr } = spawnSync('npx', ['--no', 'biome', 'format', '--write', ...files], {
  encoding: 'utf8',
});
if (status !== 0) {
  console.error(stderr);
  process.exit(1);
}
console.log(files.map((file) => relative(process.cwd(), file)).join('\n'));
