// The identity of each service of Kubernetes on AWS, from contracts/processes.ts: the service account with its name, with the rights on
// Kafka that its contract needs, and the right to sign in to Postgres as itself.
import {
  DataAwsIamPolicyDocument,
  type DataAwsIamPolicyDocumentStatement,
} from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { Construct } from 'constructs';
import { type Process, usesKafka } from '#contracts/process.ts';
import { SERVICES_NAMESPACE } from '#contracts/processes.ts';
import { serviceDatabase } from '#contracts/service-databases.ts';
import { notificationService } from '#contracts/shop-processes.ts';
import { kafkaStatements } from '../constructs/kafka-access.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { PodIdentity } from '../constructs/pod-identity.ts';
import { mailSender } from '../host-names.ts';
import { uploadStatements } from './image-access.ts';
import type { ImageBuckets } from './image-buckets.ts';
import type { PostgresRds } from './postgres-rds.ts';

export interface ServiceIdentitiesProps {
  /** Those that run on `eks` get an identity, the others have theirs elsewhere. */
  readonly processes: readonly Process[];
  readonly clusterName: string;
  readonly kafkaArn: string;
  /** For services that have Postgres among their stores. */
  readonly postgres: Pick<PostgresRds, 'signInStatement'>;
  /** For services that have S3 among their stores: they sign uploads. */
  readonly images: ImageBuckets;
  /** For the one service that writes to customers. */
  readonly mail: MailSending;
}

/** What sending by Amazon SES is allowed on. */
export interface MailSending {
  readonly identityArn: string;
  readonly configurationSetArn: string;
}

export class ServiceIdentities extends Construct {
  /** By the name of the process. */
  readonly identities: ReadonlyMap<string, PodIdentity>;

  constructor(scope: Construct, id: string, props: ServiceIdentitiesProps) {
    super(scope, id);
    const services = props.processes.filter(({ runsOn }) => runsOn === 'eks');
    this.identities = new Map(services.map((service) => [service.name, this.identity(service, props)]));
  }

  private identity(service: Process, props: ServiceIdentitiesProps): PodIdentity {
    const { clusterName, kafkaArn, postgres, images, mail } = props;
    const { name, stores } = service;
    const identity = new PodIdentity(this, name, {
      name: `${PlatformStack.of(this).prefix}-${name}`,
      clusterName,
      namespace: SERVICES_NAMESPACE,
      serviceAccount: name,
    });
    const allow = (id: string, statement: DataAwsIamPolicyDocumentStatement[]) =>
      identity.allow(id, new DataAwsIamPolicyDocument(identity, id, { statement }));
    if (stores.includes('s3')) allow('uploads', uploadStatements(images));
    if (stores.includes('postgres'))
      allow('postgres', [postgres.signInStatement(serviceDatabase(service).role)]);
    if (usesKafka(service)) allow('kafka', kafkaStatements(service, kafkaArn));
    if (name === notificationService.name) allow('mail', [this.mayMail(mail)]);
    return identity;
  }

  private mayMail({ identityArn, configurationSetArn }: MailSending): DataAwsIamPolicyDocumentStatement {
    return {
      sid: 'SendMails',
      // A mail that is written out, headers and all, asks for the second (Amazon SES, "Controlling access").
      actions: ['ses:SendEmail', 'ses:SendRawEmail'],
      resources: [identityArn, configurationSetArn],
      condition: [
        {
          test: 'StringEquals',
          variable: 'ses:FromAddress',
          values: [mailSender(PlatformStack.of(this).settings)],
        },
      ],
    };
  }
}
