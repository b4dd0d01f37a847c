// Every policy. The ids are Checkov's where it knows the rule, so that a report of that tool and ours can be laid side by side.
import { awsCompute } from './aws-compute.ts';
import { awsDatabase } from './aws-database.ts';
import { awsEdge } from './aws-edge.ts';
import { awsIam } from './aws-iam.ts';
import { awsKafka } from './aws-kafka.ts';
import { awsKubernetes } from './aws-kubernetes.ts';
import { awsLogs } from './aws-logs.ts';
import { awsNetwork } from './aws-network.ts';
import { awsSecrets } from './aws-secrets.ts';
import { awsStorage } from './aws-storage.ts';
import { awsTrust } from './aws-trust.ts';
import { ci } from './ci.ts';
import { google } from './google.ts';
import { googleStores } from './google-stores.ts';
import { platform } from './platform.ts';
import type { Rule } from './rule.ts';
import { vpn } from './vpn.ts';

export const RULES: readonly Rule[] = [
  ...awsStorage,
  ...awsKafka,
  ...awsKubernetes,
  ...awsCompute,
  ...awsDatabase,
  ...awsSecrets,
  ...awsLogs,
  ...awsEdge,
  ...awsNetwork,
  ...vpn,
  ...awsIam,
  ...awsTrust,
  ...ci,
  ...googleStores,
  ...google,
  ...platform,
];
