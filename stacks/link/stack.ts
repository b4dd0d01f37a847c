// Joins the clouds: tunnels, names, and who of the one may act in the other without a key: the analytics worker on Kafka, the console on
// Google's stores. Nothing but DNS, Kafka's port and that of Cloud SQL comes through.
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js';
import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import type { Process } from '#contracts/process.ts';
import { analyticsWorker, platformConsole } from '#contracts/processes.ts';
import { productImagesProcessed } from '#contracts/topics.ts';
import type { AwsStack } from '../aws/stack.ts';
import { CustomerKey } from '../constructs/customer-key.ts';
import { LogGroup } from '../constructs/log-group.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { useAws, useGoogle } from '../constructs/providers.ts';
import { boundRoles } from '../constructs/role-boundary.ts';
import type { EdgeStack } from '../edge/stack.ts';
import type { ServiceIdentity } from '../gcp/hand-over.ts';
import type { GcpStack } from '../gcp/stack.ts';
import type { Settings } from '../settings.ts';
import { BrokerDns } from './broker-dns.ts';
import { ClusterFederation } from './cluster-federation.ts';
import { FederatedKafkaRole } from './federated-kafka-role.ts';
import { HaVpnToAws } from './ha-vpn-to-aws.ts';
import { TunnelAlarms } from './tunnel-alarms.ts';

/** What the Flink job shares of the worker's work: it reads the images, and the workers publish what comes of them. */
const FLINK_JOB: Process = {
  ...analyticsWorker,
  name: 'image-bytes',
  consumes: [productImagesProcessed],
  publishes: [],
};

/** SASL/IAM over TLS (AWS, "Amazon MSK port information"). */
const KAFKA_IAM_PORT = 9_098;
const POSTGRES_PORT = 5_432;

export class LinkStack extends PlatformStack {
  /** The AWS role that the worker assumes to use Kafka. */
  readonly kafkaRoleArn: string;
  /** The one of the Flink job, which reads the images' topic alone; only where there is one. */
  readonly flinkKafkaRoleArn: string | undefined;
  /** Who at Google believes the tokens of the cluster. */
  readonly clusterProvider: string;

  constructor(
    scope: Construct,
    id: string,
    settings: Settings,
    { aws, gcp, edge }: { readonly aws: AwsStack; readonly gcp: GcpStack; readonly edge: EdgeStack },
  ) {
    super(scope, id, settings);
    this.keepStateInBucket();
    useAws(this);
    boundRoles(this);
    useGoogle(this);
    const { prefix } = this;
    const key = new CustomerKey(this, 'log-key', {
      purpose: 'link-logs',
      services: [`logs.${settings.aws.region}.amazonaws.com`],
    });
    const log = new LogGroup(this, 'tunnel-log', { name: `/${prefix}/vpn-to-google`, key });
    const between = { prefix, aws: aws.network, google: gcp.network };
    const { privateServicesRange } = settings.gcp;
    const ways = { ...between, link: settings.link, privateServicesRange, log };
    const { connectionIds } = new HaVpnToAws(this, 'vpn', ways);
    new TunnelAlarms(this, 'tunnel-alarms', { topicArn: edge.alarmTopicArn, connectionIds });
    new BrokerDns(this, 'broker-dns', { ...between, awsRegion: settings.aws.region });
    this.admitToKafka(aws.kafka.securityGroupId, gcp.flink ? ['workers', 'dataproc'] : ['workers']);
    const trusted = { clusterArn: aws.kafka.arn, audience: settings.link.audience };
    this.kafkaRoleArn = new FederatedKafkaRole(this, 'kafka-role', {
      ...trusted,
      name: `${prefix}-analytics-from-google`,
      process: analyticsWorker,
      identity: gcp.worker,
    }).arn;
    if (gcp.flink)
      this.flinkKafkaRoleArn = new FederatedKafkaRole(this, 'flink-kafka-role', {
        ...trusted,
        name: `${prefix}-flink-from-google`,
        process: FLINK_JOB,
        identity: gcp.flink.serviceAccount,
      }).arn;
    this.letOutToCloudSql(aws.kubernetes.nodeSecurityGroupId);
    this.clusterProvider = this.federate(aws.kubernetes.issuer, gcp.console.identity);
    this.tellPeople(this.kafkaRoleArn);
  }

  private admitToKafka(securityGroupId: string, subnets: readonly ('workers' | 'dataproc')[]): void {
    for (const name of subnets) {
      const cidrIpv4 = this.settings.gcp[`${name}Range`];
      new VpcSecurityGroupIngressRule(this, `kafka-from-${name}`, {
        securityGroupId,
        description: `Kafka, authenticated by IAM, from the ${name} subnet on Google Cloud`,
        ipProtocol: 'tcp',
        fromPort: KAFKA_IAM_PORT,
        toPort: KAFKA_IAM_PORT,
        cidrIpv4,
      });
    }
  }

  /** Pods of the console become that account at Google. */
  private federate(issuer: string, identity: ServiceIdentity): string {
    return new ClusterFederation(this, 'cluster-federation', {
      prefix: this.prefix,
      projectId: this.settings.gcp.projectId,
      issuer,
      process: platformConsole,
      identity,
    }).provider;
  }

  /** Network policies decide which pods may connect; Cloud SQL admits the accounts that IAM names. */
  private letOutToCloudSql(securityGroupId: string): void {
    new VpcSecurityGroupEgressRule(this, 'nodes-to-cloud-sql', {
      securityGroupId,
      description: 'Cloud SQL on Google Cloud, authenticated by IAM',
      ipProtocol: 'tcp',
      fromPort: POSTGRES_PORT,
      toPort: POSTGRES_PORT,
      cidrIpv4: this.settings.gcp.privateServicesRange,
    });
  }

  private tellPeople(kafkaRoleArn: string): void {
    new TerraformOutput(this, 'kafka-role-arn', {
      value: kafkaRoleArn,
      description: 'Role that analytics on Google Cloud assumes by its identity token: KAFKA_AWS_ROLE_ARN',
    });
  }
}
