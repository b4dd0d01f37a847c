// Whom each service in Kubernetes is on AWS, from contracts/processes.ts: the service account of its own name, with the rights on
// Kafka that its contract needs.
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { Construct } from 'constructs';
import type { Process } from '#contracts/process.ts';
import { SERVICES_NAMESPACE } from '#contracts/processes.ts';
import { notificationService } from '#contracts/shop-processes.ts';
import { kafkaStatements } from '../constructs/kafka-access.ts';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { PodIdentity } from '../constructs/pod-identity.ts';
import { mailSender } from '../host-names.ts';
import { uploadStatements } from './image-access.ts';
import type { ImageBuckets } from './image-buckets.ts';

export interface ServiceIdentitiesProps {
  /** Those that run on `eks` get an identity, the others have theirs elsewhere. */
  readonly processes: readonly Process[];
  readonly clusterName: string;
  readonly kafkaArn: string;
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
    const { clusterName, kafkaArn, images, mail } = props;
    const { name, consumes, publishes, stores } = service;
    const identity = new PodIdentity(this, name, {
      name: `${PlatformStack.of(this).prefix}-${name}`,
      clusterName,
      namespace: SERVICES_NAMESPACE,
      serviceAccount: name,
    });
    if (stores.includes('s3'))
      identity.allow(
        'uploads',
        new DataAwsIamPolicyDocument(identity, 'uploads', { statement: uploadStatements(images) }),
      );
    if (consumes.length + publishes.length > 0)
      identity.allow(
        'kafka',
        new DataAwsIamPolicyDocument(identity, 'kafka', { statement: kafkaStatements(service, kafkaArn) }),
      );
    if (name === notificationService.name) identity.allow('mail', this.mayMail(identity, mail));
    return identity;
  }

  private mayMail(identity: PodIdentity, mail: MailSending): DataAwsIamPolicyDocument {
    return new DataAwsIamPolicyDocument(identity, 'mail', {
      statement: [
        {
          sid: 'SendMails',
          // A mail that is written out, headers and all, asks for the second (Amazon SES, "Controlling access").
          actions: ['ses:SendEmail', 'ses:SendRawEmail'],
          resources: [mail.identityArn, mail.configurationSetArn],
          condition: [
            {
              test: 'StringEquals',
              variable: 'ses:FromAddress',
              values: [mailSender(PlatformStack.of(this).settings)],
            },
          ],
        },
      ],
    });
  }
}
