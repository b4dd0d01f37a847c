// The routes of a service in, its OpenAPI 3.1 document out. It is made from what the server enforces, so it cannot differ.
import { writeFile } from 'node:fs/promises';
import { documentedAnswer, type JsonSchema, requestSchema } from './json-schema.ts';
import type { Access, Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

const PROBLEM_REFERENCE = {
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
};

/** RFC 9457, and our `code` and `faults`. */
const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'What went wrong (RFC 9457); further members depend on the code.',
  required: ['type', 'status', 'title'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    status: { type: 'integer' },
    title: { type: 'string' },
    detail: { type: 'string' },
    code: { type: 'string' },
    faults: {
      type: 'array',
      items: {
        type: 'object',
        required: ['in', 'field', 'message'],
        properties: {
          in: { type: 'string', enum: ['path', 'query', 'header', 'body'] },
          field: { type: 'string' },
          message: { type: 'string' },
        },
      },
    },
  },
};

/** Deterministic: the same routes give the same text. */
export function openApi(title: string, routes: readonly Route[], version = '1'): Json {
  const paths = new Map<string, Record<string, unknown>>();
  for (const route of routes) {
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
    paths.set(path, { ...paths.get(path), [route.method.toLowerCase()]: operation(route) });
  }
  return {
    openapi: '3.1.0',
    info: { title, version },
    paths: Object.fromEntries(paths),
    components: {
      schemas: { Problem: PROBLEM_SCHEMA },
      securitySchemes: {
        user: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'Access token of a user' },
        service: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'Token of a service account',
        },
      },
    },
  };
}

/** Writes the document where it is committed; a spec compares. */
export const writeOpenApi = (file: string, title: string, routes: readonly Route[]): Promise<void> =>
  writeFile(file, `${JSON.stringify(openApi(title, routes), null, 2)}\n`);

function operation(route: Route): Json {
  const { access, summary, body } = route;
  const parameters = parametersOf(route);
  return {
    operationId: operationId(route),
    summary,
    description: `For ${accessWords(access)}.`,
    security: access === 'anyone' ? [] : [{ [typeof access === 'object' ? 'service' : 'user']: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: requestSchema(body).default === undefined,
        content: { 'application/json': { schema: requestSchema(body, 'draft-2020-12') } },
      },
    }),
    responses: responsesOf(route),
  };
}

/** `GET /orders/:orderId` → `getOrdersByOrderId` */
const operationId = ({ method, url }: Route): string =>
  method.toLowerCase() +
  url
    .split(/[/.-]/)
    .filter(Boolean)
    .map((step) => step.replace(/^:(\w)/, (_all, first: string) => `By${first.toUpperCase()}`))
    .map((step) => step.charAt(0).toUpperCase() + step.slice(1))
    .join('');

const ACCESS_WORDS = {
  anyone: 'anyone',
  'signed-in': 'signed-in users',
  owner: 'the owner; others find nothing here',
  admin: 'admins',
};

const accessWords = (access: Access): string =>
  typeof access === 'object' ? `the services ${access.service.join(', ')}` : ACCESS_WORDS[access];

function parametersOf({ params, query, isIdempotent, ifMatch }: Route): Json[] {
  const header = (name: string, required = true) => ({
    name,
    in: 'header',
    required,
    schema: { type: 'string' },
  });
  return [
    ...(params ? fieldsOf(requestSchema(params, 'draft-2020-12'), 'path') : []),
    ...(query ? fieldsOf(requestSchema(query, 'draft-2020-12'), 'query') : []),
    ...(isIdempotent ? [header('Idempotency-Key')] : []),
    ...(ifMatch ? [header('If-Match', ifMatch === 'required')] : []),
  ];
}

function fieldsOf({ properties = {}, required = [] }: JsonSchema, place: 'path' | 'query'): Json[] {
  return Object.entries(properties as Record<string, Json>).map(([name, schema]) => ({
    name,
    in: place,
    required: (required as string[]).includes(name),
    schema,
  }));
}

function responsesOf(route: Route): Json {
  const answers = Object.entries(route.answers).map(([status, answer]) => [
    status,
    {
      description: 'Done',
      ...(answer && { content: { 'application/json': { schema: documentedAnswer(answer) } } }),
    },
  ]);
  const problems = problemStatuses(route).map((status) => [
    status,
    { description: 'Refused', content: PROBLEM_REFERENCE },
  ]);
  return {
    ...Object.fromEntries([...answers, ...problems]),
    default: { description: 'Failed', content: PROBLEM_REFERENCE },
  };
}

/** The problems that the server answers for every route, and those that the handler declares. */
function problemStatuses(route: Route): number[] {
  const { access, params, query, body, isIdempotent, ifMatch, problems = [] } = route;
  const own = [
    ...(params || query || body || isIdempotent || ifMatch ? [400] : []),
    ...(access === 'anyone' ? [] : [401, 403]),
    ...(access === 'owner' ? [404] : []),
    ...(isIdempotent ? [409, 422] : []),
    ...(ifMatch ? [412] : []),
    ...(ifMatch === 'required' ? [428] : []),
    ...(body ? [413, 415] : []),
    429,
  ];
  return [...new Set([...own, ...problems])]
    .filter((status) => !(status in route.answers))
    .sort((a, b) => a - b);
}
