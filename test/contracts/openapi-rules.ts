// An OpenAPI 3.1 document in, what is wrong with it out: what the standard asks for as far as our documents go, and what we
// promise of every operation. The documents were also held against the JSON Schema of the standard itself
// (@seriousme/openapi-schema-validator 2.11.0); these rules see more, such as a parameter that its path does not have.

/** An operation as far as the rules look. */
export interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Content };
  readonly responses?: Readonly<
    Record<string, { readonly description?: string; readonly content?: Content }>
  >;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: unknown;
}

type Content = Readonly<Record<string, { readonly schema?: unknown }>>;

export interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

/** One operation of a document with its place. */
export interface PlacedOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export const operationsOf = ({ paths }: Document): PlacedOperation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete']);
const PROBLEM = 'application/problem+json';

/** Everything that is wrong, each with its place. */
export function openApiFaults(document: Document): string[] {
  const operations = operationsOf(document);
  const ids = operations.map(({ operation }) => operation.operationId);
  return [
    ...(/^3\.1\.\d+$/.test(document.openapi) ? [] : ['openapi: must be 3.1.x']),
    ...(document.info.title && document.info.version ? [] : ['info: must have title and version']),
    ...ids.filter((id, at) => !id || ids.indexOf(id) !== at).map((id) => `operationId ${id} is not unique`),
    ...operations.flatMap((placed) =>
      operationFaults(placed, document).map((fault) => `${placed.method} ${placed.path}: ${fault}`),
    ),
    ...danglingReferences(document, document),
  ];
}

function operationFaults({ method, path, operation }: PlacedOperation, document: Document): string[] {
  return [
    ...(METHODS.has(method) ? [] : [`${method} is no method of ours`]),
    ...(path.startsWith('/') && !/[:?#]/.test(path) ? [] : ['the path is not a template']),
    ...((operation.summary ?? '').length >= 4 ? [] : ['has no summary']),
    ...securityFaults(operation, document),
    ...parameterFaults(path, operation),
    ...bodyFaults(method, operation),
    ...responseFaults(operation),
  ];
}

function securityFaults({ security, responses = {} }: Operation, { components }: Document): string[] {
  if (!security) return ['does not say who may call'];
  const unknown = security.flatMap(Object.keys).filter((name) => !(name in components.securitySchemes));
  const missing = security.length === 0 ? [] : ['401', '403'].filter((status) => !(status in responses));
  return [
    ...unknown.map((name) => `security ${name} is not described`),
    ...missing.map((status) => `asks for a token and does not document ${status}`),
  ];
}

function parameterFaults(path: string, { parameters = [] }: Operation): string[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const described = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
  const keys = parameters.map((one) => `${one.in} ${one.name}`);
  return [
    ...inPath.filter((name) => !described.includes(name)).map((name) => `parameter ${name} is not described`),
    ...described.filter((name) => !inPath.includes(name)).map((name) => `the path has no ${name}`),
    ...keys.filter((key, at) => keys.indexOf(key) !== at).map((key) => `${key} stands there twice`),
    ...parameters.filter((one) => !isSchema(one.schema)).map(({ name }) => `${name} has no schema`),
    ...parameters
      .filter((one) => one.in === 'path' && one.required !== true)
      .map(({ name }) => `${name} is in the path and not required`),
  ];
}

function bodyFaults(method: string, { requestBody, responses = {} }: Operation): string[] {
  if (!requestBody) return [];
  const missing = ['400', '413', '415'].filter((status) => !(status in responses));
  return [
    ...(method === 'get' || method === 'delete' ? [`${method} takes a body`] : []),
    ...(isSchema(requestBody.content?.['application/json']?.schema) ? [] : ['the body has no schema']),
    ...missing.map((status) => `takes a body and does not document ${status}`),
  ];
}

function responseFaults({ responses = {} }: Operation): string[] {
  const statuses = Object.keys(responses);
  const problems = Object.entries(responses).filter(([status]) => !status.startsWith('2'));
  return [
    ...statuses.filter((one) => !/^([1-5]\d\d|default)$/.test(one)).map((one) => `${one} is no status`),
    ...(statuses.some((one) => one.startsWith('2')) ? [] : ['has no answer of success']),
    ...('default' in responses ? [] : ['does not say how failures look']),
    ...problems
      .filter(([, { content }]) => Object.keys(content ?? {}).join() !== PROBLEM)
      .map(([status]) => `${status} is not ${PROBLEM}`),
    ...statuses.filter((one) => !responses[one]!.description).map((one) => `${one} has no description`),
    ...(responses['204']?.content ? ['204 has content'] : []),
  ];
}

/** `$ref`s that lead nowhere, wherever they stand. */
function danglingReferences(value: unknown, document: Document): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key !== '$ref' || typeof inner !== 'string') return danglingReferences(inner, document);
    return resolve(inner, document) === undefined ? [`${inner} leads nowhere`] : [];
  });
}

/** What a reference within the document points at. */
export function resolve(reference: string, document: Document): unknown {
  if (!reference.startsWith('#/')) return undefined;
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>((at, step) => (isSchema(at) ? at[step] : undefined), document);
}

const isSchema = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
