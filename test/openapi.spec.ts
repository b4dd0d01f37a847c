import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { SERVICES } from '#contracts/shop-processes.ts';
import { type Document, openApiFaults } from './contracts/openapi-rules.ts';
import { committedDocument, documentFault, SERVICE_ROUTES } from './contracts/service-documents.ts';

describe('the OpenAPI document of a service', () => {
  it('exists for every service there is', async () => {
    const services = join(import.meta.dirname, '../services');
    const entries = await readdir(services, { withFileTypes: true });
    const folders = entries.filter((one) => one.isDirectory()).map(({ name }) => name);
    // A storefront answers with pages.
    const apis = folders.filter((name) => !existsSync(join(services, name, 'pages')));
    const described = Object.keys(SERVICE_ROUTES);
    expect(described.toSorted()).toEqual(apis.toSorted());
    expect(described.toSorted()).toEqual(SERVICES.map(({ name }) => name).toSorted());
  });

  it.each(Object.keys(SERVICE_ROUTES))(
    'that is committed for %s is made of its routes of today',
    async (service) => {
      expect(await documentFault(service)).toBeUndefined();
    },
  );

  it.each(Object.keys(SERVICE_ROUTES))(
    'of %s is valid, and documents who may call and how it fails',
    async (service) => {
      expect(openApiFaults((await committedDocument(service)) as Document)).toEqual([]);
    },
  );

  it('is asked for by name where it is missing', async () => {
    expect(await documentFault('nothing')).toContain('npm run openapi');
  });
});

/** An operation that may be spoilt. */
interface Loose {
  [member: string]: unknown;
  responses: Record<string, unknown>;
  requestBody: Record<string, unknown>;
}
interface LooseDocument {
  openapi: string;
  components: { schemas: Record<string, unknown> };
  paths: Record<string, Record<string, Loose>>;
}

describe('a faulty document', () => {
  const broken = async (change: (operation: Loose, document: LooseDocument) => void) => {
    const document = (await committedDocument('cart')) as LooseDocument;
    change(document.paths['/cart/lines/{productId}']!.put!, document);
    return openApiFaults(document as unknown as Document).join('\n');
  };

  it.each<[string, string, (operation: Loose, document: LooseDocument) => void]>([
    ['without a summary', 'has no summary', (one) => delete one.summary],
    ['that does not say who may call', 'does not say who may call', (one) => delete one.security],
    ['with an unknown scheme', 'security magic is not described', (one) => (one.security = [{ magic: [] }])],
    ['with a token and no 401', 'does not document 401', (one) => delete one.responses['401']],
    ['with a body and no 415', 'does not document 415', (one) => delete one.responses['415']],
    ['without success', 'has no answer of success', (one) => delete one.responses['200']],
    ['without failures', 'does not say how failures look', (one) => delete one.responses.default],
    [
      'with failures that are no problems',
      '404 is not application/problem+json',
      (one) => (one.responses['404'] = { description: 'No', content: { 'text/plain': {} } }),
    ],
    ['with a parameter left out', 'parameter productId is not described', (one) => (one.parameters = [])],
    ['with a body of no schema', 'the body has no schema', (one) => (one.requestBody.content = {})],
    [
      'with a reference to nothing',
      '#/components/schemas/Problem leads nowhere',
      (_one, document) => delete document.components.schemas.Problem,
    ],
    [
      'with one name for two operations',
      'operationId getCart is not unique',
      (one) => (one.operationId = 'getCart'),
    ],
    ['of another version', 'must be 3.1.x', (_one, document) => (document.openapi = '3.0.3')],
  ])('%s is reported', async (_what, fault, change) => {
    expect(await broken(change)).toContain(fault);
  });
});
