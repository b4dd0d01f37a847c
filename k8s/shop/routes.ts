// Which paths of a service strangers may ask for, from the document that its own routes write (services/<name>/openapi.json): all but
// those for other services. What is in no document, such as probes, metrics and the mailbox of a laptop, is not among them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Process } from '#contracts/process.ts';

const SERVICES_FOLDER = join(import.meta.dirname, '../../services');
/** Of the operations that take the token of a service's account. */
const FOR_SERVICES = 'service';

interface Operation {
  readonly security?: readonly Readonly<Record<string, unknown>>[];
}

/** What counts here of an OpenAPI document. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** A service without a document has no routes from outside. */
export function readApi({ name }: Process): ApiDocument {
  const file = join(SERVICES_FOLDER, name, 'openapi.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ApiDocument) : { paths: {} };
}

const isForServices = ({ security = [] }: Operation): boolean =>
  security.some((scheme) => Object.hasOwn(scheme, FOR_SERVICES));

/** Templates such as `/orders/{orderId}`, divided by the callers that may use them. */
export function pathsOf({ paths }: ApiDocument): { readonly open: string[]; readonly inner: string[] } {
  const entries = Object.entries(paths);
  const inner = entries.filter(([, operations]) => Object.values(operations).some(isForServices));
  const names = inner.map(([path]) => path);
  return { open: Object.keys(paths).filter((path) => !names.includes(path)), inner: names };
}

/**
 * The fewest prefixes that lead all open paths of a service to it: each path as far as it says the same for all, and none that is below
 * another. `/orders/{orderId}/cancellation` is below `/orders`.
 * @throws TypeError when one would also lead a stranger to a path for services
 */
export function prefixesOf(document: ApiDocument): string[] {
  const { open, inner } = pathsOf(document);
  const fixed = [...new Set(open.map((path) => path.split('/{')[0]!))].toSorted();
  const prefixes = fixed.filter((path) => !fixed.some((other) => other !== path && isBelow(path, other)));
  const exposed = inner.filter((path) => prefixes.some((prefix) => isBelow(path, prefix)));
  if (exposed.length > 0)
    throw new TypeError(
      `${exposed.join(', ')}: for services alone, and below a path that strangers may ask for`,
    );
  return prefixes;
}

/** As a path of an Ingress of type `Prefix` counts: by whole segments (Kubernetes, "Ingress", path types). */
export const isBelow = (path: string, prefix: string): boolean =>
  path === prefix || path.startsWith(`${prefix.replace(/\/$/, '')}/`);
