// Every rule over the cluster's content.
import { APPLICATIONS } from './applications.ts';
import { IMAGES } from './images.ts';
import { NETWORK } from './network.ts';
import { OBJECTS } from './objects.ts';
import { REACHING } from './reaching.ts';
import type { Rule } from './rule.ts';
import { SECRETS } from './secrets.ts';
import { SECURITY } from './security.ts';
import { SETTINGS } from './settings.ts';
import { TARGETS } from './targets.ts';
import { WORKLOADS } from './workloads.ts';

export const RULES: readonly Rule[] = [
  ...SECURITY,
  ...WORKLOADS,
  ...REACHING,
  ...SETTINGS,
  ...TARGETS,
  ...OBJECTS,
  ...NETWORK,
  ...APPLICATIONS,
  ...IMAGES,
  ...SECRETS,
];
