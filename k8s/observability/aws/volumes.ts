// The class of disks for programs that keep data in an AWS cluster. EKS's driver brings none.
import type { IStorageClass } from 'kubernetes-models/storage.k8s.io/v1';
import type { IPersistentVolumeClaim } from 'kubernetes-models/v1';
import type { AwsOverlay } from '../../overlays.ts';
import { volumeKeyAlias } from './names.ts';

export const DISKS = 'encrypted-disks';

/** Encrypted by the environment's own key, in the zone of the pod that wants it. */
export const storageClass = (overlay: AwsOverlay) =>
  ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: DISKS },
    provisioner: 'ebs.csi.aws.com',
    // EC2's own words, by way of the driver: github.com/kubernetes-sigs/aws-ebs-csi-driver, docs/parameters.md (read 2026-11-28).
    parameters: { type: 'gp3', encrypted: 'true', kmsKeyId: volumeKeyAlias(overlay) },
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
    reclaimPolicy: 'Delete',
  }) satisfies IStorageClass;

export const disk = (size: string) => ({
  spec: {
    storageClassName: DISKS,
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: size } },
  } satisfies IPersistentVolumeClaim['spec'],
});
