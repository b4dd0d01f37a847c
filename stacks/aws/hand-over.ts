// What the `aws` stack hands on: to its own constructs, and to `link`, `analytics` and `gitops`.

/** Where the parts of the VPC are. */
export interface AwsNetwork {
  readonly vpcId: string;
  readonly vpcRange: string;
  /** Egress through NAT; one a zone. */
  readonly privateSubnetIds: readonly string[];
  /** No way to the internet; one a zone. */
  readonly databaseSubnetIds: readonly string[];
  /** Their ranges, in the same order: literal, so that an address of one can be chosen. */
  readonly databaseSubnetRanges: readonly string[];
  /** Every table that must learn the way to the other cloud: private and database ones. */
  readonly routedTableIds: readonly string[];
}

/** How Kafka is reached, and by whose leave. */
export interface KafkaCluster {
  readonly clusterName: string;
  readonly arn: string;
  /** SASL/IAM over TLS, port 9098, comma-separated. */
  readonly bootstrapServers: string;
  readonly securityGroupId: string;
}

/** What the GitOps stack needs to reach Kubernetes. */
export interface KubernetesCluster {
  readonly clusterName: string;
  readonly endpoint: string;
  /** Base64; not secret. */
  readonly certificateAuthority: string;
  readonly nodeSecurityGroupId: string;
  /** `iss` of the tokens of its service accounts. */
  readonly issuer: string;
}
