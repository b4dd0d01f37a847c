// Which host names a server on one machine answers to. A site can point its own name to 127.0.0.1 and then read the answers from there
// as if they were its own (DNS rebinding); its requests have that name as their Host.
import type { IncomingMessage } from 'node:http';
import { commaList } from '../config.ts';

/** Whether a Host header means this server; the port is the one that the request came in by. */
export type HostRule = (host: string | undefined, port: number | undefined) => boolean;

/** The setting of everything that listens on a machine's own addresses. */
export const hostConfig = {
  ALLOWED_HOSTS: commaList
    .optional()
    .describe(
      'further Host headers to answer while listening on 127.0.0.1, such as `shop.test` (any port) or `shop.test:8080`',
    ),
};

const LOCAL_NAMES = ['127.0.0.1', 'localhost', '[::1]'];
const HTTP_PORT = 80;

/** The names of this machine, each with the server's port, and others. Where the port is not known any will do. */
export function knownHosts(others: readonly string[] = []): HostRule {
  const allowed = new Set(others.map((other) => other.toLowerCase()));
  return (host, port) => {
    const [, name = '', given] = /^(\[[\d:a-f.]+\]|[^:]+)(?::(\d{1,5}))?$/i.exec(host ?? '') ?? [];
    const known = name.toLowerCase();
    if (allowed.has(known) || allowed.has(`${known}:${given ?? HTTP_PORT}`)) return true;
    return LOCAL_NAMES.includes(known) && (port === undefined || Number(given ?? HTTP_PORT) === port);
  };
}

/** The same for a request as Node has it. */
export const isForeign = (hosts: HostRule, { headers, socket }: IncomingMessage): boolean =>
  !hosts(headers.host, socket.localPort);

/** Whether what listens there is reached from the same machine alone. */
export const isLoopback = (address: string): boolean => /^(127(\.\d{1,3}){3}|localhost|::1)$/i.test(address);

/** RFC 9110 §15.5.20. */
export const MISDIRECTED = 421;
export const FOREIGN_HOST_REMEDY =
  'This server answers to the names of its own machine only: use 127.0.0.1 with its port, or name the host in ALLOWED_HOSTS.';
