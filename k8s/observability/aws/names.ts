// Names of what the `aws` stack makes for this room: derived as there, and a spec holds them against its snapshots.
import { namePrefix } from '../../../stacks/settings.ts';
import type { AwsOverlay } from '../../overlays.ts';

/** Where Loki keeps its chunks: stacks/aws/log-store.ts. */
export const lokiBucket = ({ settings }: AwsOverlay): string =>
  `${namePrefix(settings)}-${settings.aws.accountId}-loki`;

/** Of the key of the cluster's disks: stacks/aws/eks-platform.ts. */
export const volumeKeyAlias = ({ settings }: AwsOverlay): string =>
  `arn:aws:kms:${settings.aws.region}:${settings.aws.accountId}:alias/${namePrefix(settings)}-volumes`;
