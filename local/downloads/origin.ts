// Whose server a file comes from, and the one sentence that a person gets when it does not come.
import { AppError } from '#runtime/errors.ts';

/** Whose server it is. */
export interface Origin {
  /** For people: `Eclipse Temurin`. */
  readonly owner: string;
  /** What to do when it cannot be reached, with the variables that point elsewhere; the end of a sentence. */
  readonly remedy: string;
}

/** A file whose contents are known before it is fetched. */
export interface KnownFile {
  readonly name: string;
  /** May carry a user and a password; they are never printed. */
  readonly url: string;
  readonly sha256: string;
  /** Where it is not known, the server's word is taken for the progress. */
  readonly bytes?: number;
  readonly origin: Origin;
}

/** A server answered, and not with the file. */
export class RefusedByServer extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the server answered HTTP ${status}`);
    this.status = status;
  }
}

/** A file did not come: by the network's, the server's or the disk's fault. */
export function notFetched(file: KnownFile, error: unknown): AppError {
  const { name, origin } = file;
  const from = `${origin.owner} (${new URL(file.url).host}${proxyOf(file.url)})`;
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const text = `There is no room on the disk for ${name} from ${from}: free some and start again, or ${origin.remedy}`;
    return new AppError('disk-full', text, {}, error);
  }
  const text = `${name} could not be fetched from ${from}: ${reasonOf(error)}; ${origin.remedy}`;
  const isAnswer = error instanceof RefusedByServer;
  return new AppError(isAnswer ? 'download-refused' : 'download-unreachable', text, {}, error);
}

/** The file came and is another one. */
export const notTheKnownFile = ({ name, url, sha256, origin }: KnownFile, found: string): AppError =>
  new AppError(
    'checksum-wrong',
    `${name} from ${origin.owner} (${new URL(url).host}) was deleted, because it is not the file that this project knows: its SHA-256 is ${found} where ${sha256} was expected; ${origin.remedy}`,
  );

/** Whether another source may have what this one did not give. */
export const isOutOfReach = (error: unknown): error is AppError =>
  error instanceof AppError && (error.code === 'download-unreachable' || error.code === 'download-refused');

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'nobody here knows that name (is there a network?)'],
  ['EAI_AGAIN', 'nobody here knows that name (is there a network?)'],
  ['ECONNREFUSED', 'the connection was refused'],
  ['ECONNRESET', 'the connection was cut'],
  ['UND_ERR_SOCKET', 'the connection was cut'],
  ['UND_ERR_CONNECT_TIMEOUT', 'no connection within 10 s'],
  ['UND_ERR_HEADERS_TIMEOUT', 'no answer within 30 s'],
  ['UND_ERR_BODY_TIMEOUT', 'nothing more came for 30 s'],
  ['ENETUNREACH', 'there is no way to it (is there a network?)'],
  ['EHOSTUNREACH', 'there is no way to it (is there a network?)'],
]);
const CERTIFICATE = /CERT|SIGNATURE/;

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  const known = REASONS.get(code);
  if (known) return known;
  const inner = innermost(error);
  const text = ((inner as Error).message.split('\n')[0] ?? '').replace(/[.;]+$/, '');
  if (CERTIFICATE.test(code)) return `${text} (NODE_EXTRA_CA_CERTS names certificates to trust)`;
  return text || code || 'for no stated reason';
}

/** The system's or the client's own word for what went wrong; empty where there is none. */
export function codeOf(error: unknown): string {
  const { code } = innermost(error) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** fetch says "fetch failed" or "terminated", and why only in the cause. */
function innermost(error: unknown): unknown {
  const { cause } = error as { cause?: unknown };
  return typeof cause === 'object' && cause !== null && 'message' in cause ? innermost(cause) : error;
}

/** A proxy stands between, and may be the one that refuses. */
function proxyOf(address: string): string {
  const kind = new URL(address).protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const name = [kind, kind.toUpperCase()].find(
    (variable) => Object.hasOwn(process.env, variable) && process.env[variable],
  );
  return name ? `, by the proxy in ${name}` : '';
}
