// Secrets of Kubernetes by its HTTP API. Source: kubernetes.io, "Kubernetes API Reference", Secret v1.
import { z } from 'zod';
import { AppError } from '#runtime/errors.ts';
import type { SecretStore, SecretValues } from './make-secrets.ts';

const WAIT_MS_MAX = 10_000;
const NOT_FOUND = 404;
const CONFLICT = 409;
const FORBIDDEN = 403;

const secretShape = z.object({ data: z.record(z.string(), z.string()).optional() });
/** What the API says of a failure. */
const statusShape = z.object({ reason: z.string().optional(), message: z.string().optional() });

/** @param token of the service account; read again for each request, since the kubelet renews it */
export function kubernetesSecrets(address: string, token: () => Promise<string>): SecretStore {
  const ask = async (method: string, namespace: string, rest: string, body?: object): Promise<Response> => {
    const headers = {
      authorization: `Bearer ${(await token()).trim()}`,
      accept: 'application/json',
      ...(body ? { 'content-type': 'application/json' } : {}),
    };
    return fetch(new URL(`/api/v1/namespaces/${namespace}/secrets${rest}`, address), {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(WAIT_MS_MAX),
    }).catch((error: unknown) => {
      throw unreachable(address, error);
    });
  };
  return {
    async read(namespace, name) {
      const answer = await ask('GET', namespace, `/${name}`);
      if (answer.status === NOT_FOUND) return drained(answer, undefined);
      if (!answer.ok) throw await refused(answer, `reading ${namespace}/${name}`);
      const { data = {} } = secretShape.parse(await answer.json());
      return new Map(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
      );
    },
    async create(namespace, name, values) {
      const answer = await ask('POST', namespace, '', secretObject(namespace, name, values));
      if (answer.status === CONFLICT) return drained(answer, false);
      if (!answer.ok) throw await refused(answer, `creating ${namespace}/${name}`);
      return drained(answer, true);
    },
  };
}

const secretObject = (namespace: string, name: string, values: SecretValues): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'secrets' } },
  type: 'Opaque',
  data: Object.fromEntries(
    [...values].map(([key, value]) => [key, Buffer.from(value, 'utf8').toString('base64')]),
  ),
});

async function drained<Result>(answer: Response, result: Result): Promise<Result> {
  await answer.body?.cancel();
  return result;
}

/** fetch says that it failed; why stands in the cause. */
function unreachable(address: string, error: unknown): AppError {
  const { cause, message } = error as Error;
  const why = cause instanceof Object && 'message' in cause ? String(cause.message) : message;
  return new AppError('kubernetes-unreachable', `${address} does not answer: ${why}`, {}, error);
}

/** In the API's own words where they cannot hold a value: it quotes what it finds invalid. */
async function refused(answer: Response, what: string): Promise<AppError> {
  const said = statusShape.safeParse(await answer.json().catch(() => ({})));
  const { reason = 'no reason', message } = said.success ? said.data : {};
  const words = answer.status === FORBIDDEN && message ? message : reason;
  return new AppError('kubernetes-refused', `${what}: HTTP ${answer.status}, ${words}`);
}
