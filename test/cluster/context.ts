// Whether a cluster is one to be experimented with: on this machine, and made for that.
import { mustDo } from './kubectl.ts';

interface Config {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { readonly name: string; readonly context: { readonly cluster: string } }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster: { readonly server?: string } }[];
}

/** How tools that make clusters on one machine call them. */
const OF_ONE_MACHINE = /^(kind|k3d|minikube|docker-desktop|orbstack|rancher-desktop|colima)(-|$)/;

/** The cluster in words, and why nothing may be tried there; no reason where it may. */
export function judgeContext(config: Config): { readonly text: string; readonly reason?: string } {
  const name = config['current-context'] ?? '';
  const cluster = config.contexts?.find((one) => one.name === name)?.context.cluster;
  const server = config.clusters?.find((one) => one.name === cluster)?.cluster.server ?? '';
  const text = `${name || 'no context'} at ${server || 'no server'}`;
  if (OF_ONE_MACHINE.test(name) || isLoopback(server)) return { text };
  return { text, reason: `${text} is no cluster of this machine; --yes-really tries it all the same` };
}

const isLoopback = (server: string): boolean =>
  URL.canParse(server) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(server).hostname);

export const readContext = async (): Promise<Config> =>
  JSON.parse(await mustDo(['config', 'view', '--output', 'json'])) as Config;
