// Disks of what keeps something in an AWS cluster.
import type { IPersistentVolumeClaim } from 'kubernetes-models/v1';

/** Of the cluster's default class. */
export const disk = (size: string) => ({
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: size } },
  } satisfies IPersistentVolumeClaim['spec'],
});
