// What the `gcp` stack hands on: to its own constructs, and to `link` and `analytics`.

/** Where the parts of the network are. */
export interface GoogleNetwork {
  /** `projects/…/global/networks/…`. */
  readonly networkId: string;
  readonly workersSubnetId: string;
  readonly dataprocSubnetId: string;
}

/** The identities of the analytics worker, on Google Cloud and, by federation, on AWS. */
export interface ServiceIdentity {
  readonly email: string;
  /** Digits; the `sub` of its identity tokens. */
  readonly uniqueId: string;
}

/** What the console looks at on Google Cloud, from the other cloud. */
export interface LookedAtStores {
  readonly identity: ServiceIdentity;
  /** User of the database, which the worker admits. */
  readonly databaseUser: string;
  /** Without a password. */
  readonly databaseUrl: string;
  /** PEM of the authority by which the database is known. */
  readonly databaseAuthority: string;
}

/** Everything the worker reads and writes on Google Cloud. */
export interface AnalyticsStores {
  /** In the network of the workers and of Flink. */
  readonly sqlPrivateAddress: string;
  /** Secret Manager id of the certificate by which clients know the database. */
  readonly databaseCaSecretId: string;
  /** Secret Manager id of the whole `DATABASE_URL`. */
  readonly databaseUrlSecretId: string;
  readonly firestoreDatabase: string;
  readonly resultsBucket: string;
  readonly stagingBucket: string;
  readonly checkpointBucket: string;
}

export interface FlinkCluster {
  readonly clusterName: string;
  readonly region: string;
  readonly serviceAccount: ServiceIdentity;
}
