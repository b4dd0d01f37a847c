// `npm run openapi`: writes the OpenAPI document of every service beside it.
import { relative } from 'node:path';
import { writeOpenApi } from '#runtime/http/openapi.ts';
import { documentFileOf, SERVICE_ROUTES } from './service-documents.ts';

for (const [service, routes] of Object.entries(SERVICE_ROUTES)) {
  const file = documentFileOf(service);
  await writeOpenApi(file, service, routes);
  console.log(relative(process.cwd(), file));
}
