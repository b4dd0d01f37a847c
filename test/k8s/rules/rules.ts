// Every rule over the cluster's content.
import { APPLICATIONS } from './applications.ts';
import { IMAGES } from './images.ts';
import { NETWORK } from './network.ts';
import { OBJECTS } from './objects.ts';
import { REFERENCES } from './references.ts';
import type { Rule } from './rule.ts';
import { SECRETS } from './secrets.ts';
import { SECURITY } from './security.ts';
import { WORKLOADS } from './workloads.ts';

export const RULES: readonly Rule[] = [
  ...SECURITY,
  ...WORKLOADS,
  ...REFERENCES,
  ...OBJECTS,
  ...NETWORK,
  ...APPLICATIONS,
  ...IMAGES,
  ...SECRETS,
];
