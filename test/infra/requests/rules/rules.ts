// The tables together. A type of the clouds that is in none of them fails `requests.spec.ts`.
import type { TypeRule } from '../request-rule.ts';
import { AWS_COMPUTE } from './aws-compute.ts';
import { AWS_EDGE } from './aws-edge.ts';
import { AWS_NETWORK } from './aws-network.ts';
import { AWS_STORES } from './aws-stores.ts';
import { GOOGLE } from './google.ts';
import { GOOGLE_NETWORK } from './google-network.ts';

export const REQUEST_RULES: Readonly<Record<string, TypeRule>> = {
  ...AWS_NETWORK,
  ...AWS_COMPUTE,
  ...AWS_STORES,
  ...AWS_EDGE,
  ...GOOGLE_NETWORK,
  ...GOOGLE,
};

/** Types that call no cloud: their providers work on the machine, or speak to Kubernetes. */
export const WITHOUT_CLOUD = /^(random|time|tls|helm|kubernetes|terraform)_/;

/** Every operation that a rule names, in order. */
export const OPERATIONS: readonly string[] = [
  ...new Set(
    Object.values(REQUEST_RULES).flatMap(({ requests }) => requests.map(({ operation }) => operation)),
  ),
].toSorted();
