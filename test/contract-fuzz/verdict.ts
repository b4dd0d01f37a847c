// A request, its answer and the document in, what the answer breaks out. Pure.
import { z } from 'zod';
import { type Document, type Operation, operationsOf, resolve } from '../contracts/openapi-rules.ts';
import type { RawRequest } from './odd-requests.ts';
import { CANARY } from './odd-texts.ts';
import type { RawAnswer } from './wire.ts';

/** Traces of our insides: stacks, paths, SQL, drivers, addresses. */
const LEAKS =
  /\bat (async )?[\w.<>[\] ]+ \(|node:internal|node_modules|\.[cm]?[jt]s:\d+|file:\/\/|\b(SELECT|INSERT INTO|UPDATE|DELETE FROM) .*\b(FROM|VALUES|SET|WHERE)\b|\brelation "|\bcolumn "|violates|invalid byte sequence|syntax error at|out of range for type|SQLSTATE|ECONN|127\.0\.0\.1|postgres(ql)?:/i;

/** What the framework answers before a route is known, so that no operation can declare it. */
const BEFORE_ROUTES = new Set([400, 404, 405, 408, 411, 413, 414, 415, 417, 431]);
const PROBLEM = 'application/problem+json';

type Problem = Readonly<Record<string, unknown>>;

/** Judges answers by a document. */
export function judgeBy(document: Document): (sent: RawRequest, answer: RawAnswer) => string[] {
  const matchers = operationsOf(document).map((placed) => ({ ...placed, pattern: patternOf(placed.path) }));
  const problem = z.fromJSONSchema(withoutReferenceFormat(document.components.schemas.Problem) as never);
  const validators = new Map<unknown, z.ZodType>();
  const validatorOf = (schema: unknown): z.ZodType => {
    const known = validators.get(schema) ?? z.fromJSONSchema(schema as never);
    validators.set(schema, known);
    return known;
  };
  return (sent, answer) => {
    const path = sent.target.split('?')[0]!;
    const fitting = matchers.filter(
      (one) => one.method.toUpperCase() === sent.method && one.pattern.test(path),
    );
    // A path that is written out goes before one with parameters.
    const operation = (fitting.find((one) => one.path === path) ?? fitting[0])?.operation;
    if (answer.status >= 400) return problemFaults(answer, operation, problem);
    if (sent.method === 'HEAD') return answer.text === '' ? [] : ['HEAD was answered with a body'];
    return successFaults(sent, answer, operation, document, validatorOf);
  };
}

/** Zod takes `uri-reference` for an absolute URL; a problem's type is a path (RFC 9457 §3.1.1). */
const withoutReferenceFormat = (schema: unknown): unknown =>
  JSON.parse(
    JSON.stringify(schema).replace(
      '"format":"uri-reference"',
      '"pattern":"^(about:blank|/problems/[a-z-]+)$"',
    ),
  );

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`);

function problemFaults(answer: RawAnswer, operation: Operation | undefined, problem: z.ZodType): string[] {
  const { status, headers, text } = answer;
  const faults = status >= 500 ? [`${status}: a fault of ours`] : [];
  if (LEAKS.test(text)) faults.push(`${status}: tells of our insides`);
  if (text.includes(CANARY)) faults.push(`${status}: repeats a value of the request`);
  const type = String(headers['content-type'] ?? '');
  // The answer to HEAD has the headers of a problem and no body.
  if (!type.startsWith(PROBLEM)) return [...faults, `${status}: is no problem but ${type || 'nothing'}`];
  if (text === '') return faults;
  const body = parse(text);
  if (!problem.safeParse(body).success) return [...faults, `${status}: is no problem by its schema`];
  if ((body as Problem).status !== status) faults.push(`${status}: its body tells of another status`);
  if (operation && status < 500 && !isDeclared(status, operation))
    faults.push(`${status} ${codeOf(body)}: is not declared`);
  return faults;
}

const isDeclared = (status: number, { responses = {} }: Operation): boolean =>
  String(status) in responses || BEFORE_ROUTES.has(status);

const codeOf = (body: unknown): string => (body as { code?: string }).code ?? 'without code';

function successFaults(
  sent: RawRequest,
  answer: RawAnswer,
  operation: Operation | undefined,
  document: Document,
  validatorOf: (schema: unknown) => z.ZodType,
): string[] {
  const { status, headers, text } = answer;
  if (sent.method === 'OPTIONS') return status === 204 && headers.allow ? [] : [`${status} to OPTIONS`];
  if (status === 304)
    return 'if-none-match' in sent.headers && text === '' ? [] : ['304 unasked or with a body'];
  const declared = operation?.responses?.[String(status)];
  if (!declared) return [`${status}: is not declared`];
  const schema = declared.content?.['application/json']?.schema;
  if (!schema) return text === '' ? [] : [`${status}: has a body that is not declared`];
  if (!String(headers['content-type']).startsWith('application/json')) return [`${status}: is not JSON`];
  const { success, error } = validatorOf(resolved(schema, document)).safeParse(parse(text));
  const places = error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  return success ? [] : [`${status}: unlike its schema: ${places?.slice(0, 3).join('; ')}`];
}

function resolved(schema: unknown, document: Document): unknown {
  const { $ref } = schema as { $ref?: string };
  return $ref ? resolve($ref, document) : schema;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
