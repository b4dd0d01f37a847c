// S3 without the internet and without NAT's price by the gigabyte, for our own buckets and the few of AWS's that nodes are fed from.
import type { DataAwsIamPolicyDocumentStatement } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document/index.js';
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint/index.js';
import { Construct } from 'constructs';
import { PlatformStack } from '../constructs/platform-stack.ts';
import type { Settings } from '../settings.ts';

export interface S3EndpointProps {
  readonly vpcId: string;
  readonly routeTableIds: readonly string[];
}

export class S3Endpoint extends Construct {
  constructor(scope: Construct, id: string, { vpcId, routeTableIds }: S3EndpointProps) {
    super(scope, id);
    const { settings, prefix } = PlatformStack.of(this);
    const policy = new DataAwsIamPolicyDocument(this, 'policy', {
      statement: [ownBuckets(settings), nodesSources(settings)],
    });
    new VpcEndpoint(this, 'endpoint', {
      vpcId,
      vpcEndpointType: 'Gateway',
      serviceName: `com.amazonaws.${settings.aws.region}.s3`,
      routeTableIds: [...routeTableIds],
      policy: policy.json,
      tags: { Name: `${prefix}-s3` },
    });
  }
}

/** For every caller: an endpoint's policy only narrows what IAM and the bucket have allowed, and can name no single role of an account. */
const ANYBODY = [{ type: '*', identifiers: ['*'] }];

/** Only our callers and our buckets, so that an attacker in a pod cannot copy data to another account's bucket. */
const ownBuckets = ({ aws: { accountId } }: Settings): DataAwsIamPolicyDocumentStatement => ({
  sid: 'OwnBuckets',
  actions: [
    's3:AbortMultipartUpload',
    's3:DeleteObject',
    's3:GetBucketLocation',
    's3:GetObject',
    's3:GetObjectTagging',
    's3:GetObjectVersion',
    's3:ListBucket',
    's3:ListBucketMultipartUploads',
    's3:ListMultipartUploadParts',
    's3:PutObject',
    's3:PutObjectTagging',
  ],
  principals: ANYBODY,
  resources: ['arn:aws:s3:::*'],
  condition: ['aws:PrincipalAccount', 'aws:ResourceAccount'].map((variable) => ({
    test: 'StringEquals',
    variable,
    values: [accountId],
  })),
});

/**
 * Layers of images in ECR (AWS, "Amazon ECR interface VPC endpoints"), packages of Amazon Linux 2023 (AWS, "Managing packages"), and
 * registry.k8s.io, which sends callers from AWS to S3 in their own region (Kubernetes, "registry.k8s.io").
 */
const nodesSources = ({ aws: { region } }: Settings): DataAwsIamPolicyDocumentStatement => ({
  sid: 'WhatNodesAreMadeOf',
  actions: ['s3:GetObject'],
  principals: ANYBODY,
  resources: [
    `arn:aws:s3:::prod-${region}-starport-layer-bucket/*`,
    `arn:aws:s3:::al2023-repos-${region}-de612dc2/*`,
    `arn:aws:s3:::prod-registry-k8s-io-${region}/*`,
  ],
});
