// Which web pages may talk to the servers of this machine: its own. A developer's browser also opens pages of others, and
// their scripts can reach 127.0.0.1 as well as ours can, by that address or by a name of their own that leads there.
import { loadConfig } from '#runtime/config.ts';
import { type HostRule, hostConfig, knownHosts } from '#runtime/http/hosts.ts';

/** Names under `localhost` belong to the machine that asks for them (RFC 6761 §6.3): the shop of a laptop's cluster has one. */
const LOCAL_ORIGIN = /^https?:\/\/((?:[a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** True for an `Origin` of this machine, whatever its port, and for requests that no page has sent. */
export const isLocalOrigin = (origin: string | undefined): boolean =>
  origin === undefined || LOCAL_ORIGIN.test(origin);

/** Whose requests the servers of this machine answer, by their Host header: its own names and those of `ALLOWED_HOSTS`. */
export const localHosts = (): HostRule => knownHosts(loadConfig(hostConfig).ALLOWED_HOSTS);
