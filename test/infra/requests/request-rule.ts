// How resources of one type become requests. Most arguments find their member by their name alone: `kms_key_id` is `kmsKeyId`,
// `KmsKeyId` or `KMSKeyId`. The tables in `rules/` hold what is called otherwise.

/** One call that a resource makes. */
export interface RequestRule {
  /** `eks.CreateCluster`, `google/compute.v1.networks.insert` */
  readonly operation: string;
  /**
   * Path of an argument (`vpc_config.subnet_ids`) to where its value goes, seen from where the block around it went; from the request
   * itself with a `/` before it. A block whose arguments are beside it goes to `''`. `targets.*` is each element of a list.
   */
  readonly names?: Readonly<Record<string, string>>;
  /** What the provider itself adds. `{location}` in a text is that argument, `{region}` and `{project}` the provider's. */
  readonly given?: Readonly<Record<string, unknown>>;
  /** Sent only when one of these arguments is there. @default always */
  readonly when?: readonly string[];
}

export interface TypeRule {
  readonly requests: readonly RequestRule[];
  /** Arguments that no create request holds, each with where it takes effect instead. */
  readonly unsent?: Readonly<Record<string, string>>;
  /** Puts arguments that depend on each other into the request's form. */
  readonly reform?: (body: Readonly<Record<string, unknown>>) => Record<string, unknown>;
}

type Names = Readonly<Record<string, string>>;
type Rest = Omit<RequestRule, 'operation' | 'names'> & Omit<TypeRule, 'requests'>;

/** A type that makes one call. */
export const oneRequest = (operation: string, names: Names = {}, rest: Rest = {}): TypeRule => {
  const { given, when, ...ofType } = rest;
  return { ...ofType, requests: [{ operation, names, ...(given && { given }), ...(when && { when }) }] };
};

/** Where arguments that only steer Terraform's provider take effect. */
export const ON_DELETION = 'read when the resource is deleted';
export const STEERS_PROVIDER = 'tells the provider how to work';
