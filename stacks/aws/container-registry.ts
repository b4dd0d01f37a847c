// Where the container images of AWS's side are: a repository for each process that runs on Kubernetes, its tags given once, every
// image looked through for known holes, and old ones cleared.
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { EcrLifecyclePolicy } from '@cdktf/provider-aws/lib/ecr-lifecycle-policy/index.js';
import { EcrRepository } from '@cdktf/provider-aws/lib/ecr-repository/index.js';
import { EcrRepositoryPolicy } from '@cdktf/provider-aws/lib/ecr-repository-policy/index.js';
import { Construct } from 'constructs';
import type { Process } from '#contracts/process.ts';
import { CustomerKey } from '../constructs/customer-key.ts';
import { keepsData, PlatformStack } from '../constructs/platform-stack.ts';

/** Enough to go back several weeks of deployments. */
const KEPT_IMAGES = 50;
/**
 * Only our images have a tag. What belongs to them has none: a manifest for each processor, signatures, bills of materials, and rules count
 * each as an image (aws/containers-roadmap#2613). ECR keeps manifests while an index names them; a signature must outlive two weeks.
 */
const UNTAGGED_DAYS = 365;

export interface ContainerRegistryProps {
  /** Those that run on `eks` get a repository. */
  readonly processes: readonly Process[];
}

export class ContainerRegistry extends Construct {
  /** `<account>.dkr.ecr.<region>.amazonaws.com/<prefix>`; a process's name follows after a slash. */
  readonly address: string;

  constructor(scope: Construct, id: string, { processes }: ContainerRegistryProps) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const { region, accountId } = settings.aws;
    const key = new CustomerKey(this, 'key', { purpose: 'container-images' });
    for (const { name } of processes.filter(({ runsOn }) => runsOn === 'eks')) this.repository(name, key);
    this.address = `${accountId}.dkr.ecr.${region}.amazonaws.com/${prefix}`;
  }

  private repository(name: string, key: CustomerKey): void {
    const { prefix, settings } = PlatformStack.of(this);
    const repository = new EcrRepository(this, name, {
      name: `${prefix}/${name}`,
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [{ encryptionType: 'KMS', kmsKey: key.arn }],
      forceDelete: !settings.isProtected,
      lifecycle: keepsData(settings),
    });
    new EcrLifecyclePolicy(this, `${name}-lifecycle`, {
      repository: repository.name,
      policy: JSON.stringify({ rules: [untaggedRule, oldRule] }),
    });
    new EcrRepositoryPolicy(this, `${name}-policy`, {
      repository: repository.name,
      policy: this.onlyThisAccount(name).json,
    });
  }

  /** Rights to pull and push are given by IAM inside the account; the policy denies everyone else. */
  private onlyThisAccount(name: string): DataAwsIamPolicyDocument {
    const { accountId } = PlatformStack.of(this).settings.aws;
    return new DataAwsIamPolicyDocument(this, `${name}-account`, {
      statement: [
        {
          sid: 'DenyOtherAccounts',
          effect: 'Deny',
          actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:PutImage'],
          principals: [{ type: '*', identifiers: ['*'] }],
          condition: [
            { test: 'StringNotEquals', variable: 'aws:PrincipalAccount', values: [accountId] },
            { test: 'Bool', variable: 'aws:PrincipalIsAWSService', values: ['false'] },
          ],
        },
      ],
    });
  }
}

const expire = { type: 'expire' };
const untaggedRule = {
  rulePriority: 1,
  description: 'What no image of ours has needed for long',
  selection: {
    tagStatus: 'untagged',
    countType: 'sinceImagePushed',
    countUnit: 'days',
    countNumber: UNTAGGED_DAYS,
  },
  action: expire,
};
const oldRule = {
  rulePriority: 2,
  description: 'What is kept to go back to',
  selection: {
    tagStatus: 'tagged',
    tagPatternList: ['*'],
    countType: 'imageCountMoreThan',
    countNumber: KEPT_IMAGES,
  },
  action: expire,
};
