// What an environment says of Google Cloud.
import { z } from 'zod';
import { GOOGLE_REGIONS } from '../regions.ts';
import { count, gib, privateRange } from '../settings-fields.ts';

export const gcpSettings = z.strictObject({
  projectId: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
      'expected the id of a Google Cloud project, such as shop-dev-123456',
    ),
  region: z.enum(GOOGLE_REGIONS),
  workersRange: privateRange,
  dataprocRange: privateRange,
  /** Cloud SQL lives in it, by private service access. */
  privateServicesRange: privateRange,
  sql: z.strictObject({
    tier: z.string().regex(/^db-[a-z0-9-]+$/, 'expected a tier such as db-custom-2-7680'),
    diskGib: gib,
    diskGibMax: gib,
    /** A standby in another zone. */
    isRegional: z.boolean(),
    backupCount: count(7, 365),
    /** The next number makes another password. */
    passwordVersion: count(1, 10_000),
  }),
  worker: z.strictObject({
    /** More than the topic has partitions would idle. */
    instanceCount: count(1, 6),
    cpu: z.enum(['1', '2', '4']),
    memory: z.string().regex(/^\d+(Mi|Gi)$/, 'expected an amount such as 1Gi'),
  }),
  flink: z.strictObject({
    imageVersion: z
      .string()
      .regex(/^\d+\.\d+(\.\d+)?-debian\d+$/, 'expected a Dataproc image such as 3.0-debian13'),
    masterMachineType: z.string(),
    workerMachineType: z.string(),
    workerCount: count(2, 50),
  }),
});
