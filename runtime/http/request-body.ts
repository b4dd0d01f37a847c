// The body of a request as bytes in, JSON out. Refused before any schema sees it: what is not plain UTF-8 JSON, texts that no
// database could keep as they are, and more values than a schema should have to look at.
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { FAULTS_MAX, type Fault, fieldName, invalidRequest } from './faults.ts';
import { Problem } from './problem.ts';
import { textFault } from './request-text.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, where the route asks for it. */
    rawBody: string | null;
  }
  interface FastifyContextConfig {
    needsRawBody?: boolean;
  }
}

/** Far above what any route takes. All faults of a body are looked for, so their number must be bounded before. */
const VALUES_MAX = 1_000;
const DEPTH_MAX = 32;
/** A value needs two characters at least, itself and a comma: a shorter body cannot hold too many. */
const SHORT = 2 * VALUES_MAX;
/** Escapes of surrogates and of U+0000: without one of them UTF-8 that is valid gives texts that are well-formed. */
const ODD_ESCAPE = /\\u(?:d[89a-f]|0000)/i;

/** Takes JSON alone; other types are answered with 415. */
export function useJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.decorateRequest('rawBody', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    const refusal = refusalOf(request, bytes);
    if (refusal) return done(refusal);
    const text = bytes.toString();
    const isRaw = request.routeOptions.config.needsRawBody === true;
    if (isRaw) request.rawBody = text;
    // Clients name the type even where they send nothing; whether a body is needed is the schema's to say.
    if (text === '') return done(null, undefined);
    void parse(request, text, (error, value: unknown) => {
      // Who takes the bytes judges them, by their signature.
      const faults = error || isRaw || !mayBeFaulty(text) ? [] : bodyFaults(value);
      done(error ?? (faults.length > 0 ? invalidRequest(faults) : null), value);
    });
  });
}

function refusalOf({ headers }: FastifyRequest, bytes: Buffer): Problem | undefined {
  if (!isIdentity(headers['content-encoding'])) {
    const detail =
      'The header Content-Encoding names a coding that is not read here: send the body as it is, without one.';
    // RFC 9110 §15.5.16: says which codings would have been taken.
    return new Problem(415, 'content-encoding-unsupported', detail, {}, { 'accept-encoding': 'identity' });
  }
  if (!isUtf8Type(headers['content-type'])) {
    const detail =
      'The header Content-Type names a charset that is not read here: send JSON as UTF-8, without a charset.';
    return new Problem(415, 'charset-unsupported', detail);
  }
  if (!isUtf8(bytes)) {
    return new Problem(
      400,
      'body-encoding-invalid',
      'The body is not valid UTF-8: encode its texts anew, as UTF-8.',
    );
  }
  return undefined;
}

/** A list of codings of which none changes the body (RFC 9110 §8.4). */
const isIdentity = (header: string | undefined): boolean =>
  header === undefined || header.split(',').every((coding) => /^[ \t]*(identity)?[ \t]*$/i.test(coding));

/** JSON between systems is UTF-8 (RFC 8259 §8.1), and US-ASCII is a part of it. */
function isUtf8Type(header: string | undefined): boolean {
  if (header === undefined || header === 'application/json') return true;
  const charsets = [...header.matchAll(/;[ \t]*charset[ \t]*=[ \t]*("[^"]*"|[^;]*)/gi)].map(
    ([, value]) => value!,
  );
  return charsets.every((charset) => /^"?(utf-?8|us-ascii)"?[ \t]*$/i.test(charset));
}

const mayBeFaulty = (text: string): boolean =>
  text.length > SHORT || (text.includes('\\u') && ODD_ESCAPE.test(text));

/** Texts that cannot be kept, and the field in which there is too much: what follows that one is not looked at. */
function bodyFaults(body: unknown): Fault[] {
  const faults: Fault[] = [];
  let valuesCount = 1;
  const note = (path: readonly string[], message: string | undefined): void => {
    if (message) faults.push({ in: 'body', field: fieldName(path), message });
  };
  const visit = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'string') return note(path, textFault(value));
    if (typeof value !== 'object' || value === null) return;
    // Keys of a long list are not even made.
    const entries: [string, unknown][] =
      Array.isArray(value) && value.length > VALUES_MAX ? [] : Object.entries(value);
    valuesCount += Array.isArray(value) ? value.length : entries.length;
    if (valuesCount > VALUES_MAX)
      return note(path, `makes more than ${VALUES_MAX} values: send fewer at once`);
    if (path.length >= DEPTH_MAX)
      return note(path, `is nested too deep: at most ${DEPTH_MAX} levels are read`);
    for (const [name, inner] of entries) {
      if (valuesCount > VALUES_MAX || faults.length >= FAULTS_MAX) return;
      note([...path, name], textFault(name));
      visit(inner, [...path, name]);
    }
  };
  visit(body, []);
  return faults;
}
