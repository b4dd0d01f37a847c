// The key under which a network is stored: a keyed hash, from which no address can be read.
import type { Secrets } from '../keys/secrets.ts';
import { networkOf } from './domain.ts';

/** The key of the network of an IP address. */
export const networkKeyOf = (secrets: Secrets, ip: string): Buffer =>
  secrets.keyedHash(`network/${networkOf(ip)}`);

/** Stands for all unknown networks of an account together; no IP address is written like this. */
export const unknownNetworksKeyOf = (secrets: Secrets): Buffer => secrets.keyedHash('network/elsewhere');
