// Secrets that a laptop's cluster makes for itself: what each holds, and no value. The manifests declare them, and a program makes them.
import { z } from 'zod';

const wantedValue = z.union([
  z.strictObject({
    randomBytes: z.int().min(16).max(64),
    encoding: z.enum(['base64', 'base64url']),
  }),
  /** `{namespace/name/key}` in it is replaced by the value of an earlier secret. */
  z.strictObject({ text: z.string().min(1) }),
]);

/** RFC 1123 labels, and what Kubernetes takes as the key of a secret. */
const label = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const key = z.string().regex(/^[-._a-zA-Z0-9]{1,253}$/);

const wantedSecret = z.strictObject({
  namespace: label,
  name: label,
  values: z.record(key, wantedValue),
});

/** In the order in which they are made. */
export const wantedSecrets = z.array(wantedSecret).min(1);

export type WantedValue = z.infer<typeof wantedValue>;
export type WantedSecret = Readonly<z.infer<typeof wantedSecret>>;
