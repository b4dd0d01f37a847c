// Kubernetes as it is synthesized: what is made before what, what nodes and pods may do, and which key encrypts.
import { describe, expect, it } from '@jest/globals';
import type { Block } from '../../test/infra/blocks.ts';
import { listAt, textAt, valueAt } from '../../test/infra/body.ts';
import { Model } from '../../test/infra/model.ts';
import { platformOf, SETTINGS, synthesize } from '../../test/infra/synth.ts';
import { ENVIRONMENTS } from '../settings.ts';

const MODELS = {
  dev: new Model(platformOf('dev'), SETTINGS.dev),
  staging: new Model(platformOf('staging'), SETTINGS.staging),
  prod: new Model(platformOf('prod'), SETTINGS.prod),
};
const { prod } = MODELS;
const cluster = () => prod.all('aws_eks_cluster')[0]!;
const addon = (name: string) => prod.all('aws_eks_addon').find(({ body }) => body.addon_name === name)!;
const nodeGroup = (workload: string) =>
  prod.all('aws_eks_node_group').find(({ body }) => valueAt(body, 'labels.workload') === workload)!;
const template = (workload: string) =>
  prod.targets(nodeGroup(workload), 'launch_template.id', 'aws_launch_template')[0]!;
const waitsFor = ({ stack, body }: Block): (Block | undefined)[] =>
  listAt(body, 'depends_on').map((address) => prod.at(`${stack}/${String(address)}`));
const WORKLOADS = ['general', 'compute'];

describe('the order of the cluster', () => {
  it.each(WORKLOADS)('makes %s nodes after what they need to become ready', (workload) => {
    const before = waitsFor(nodeGroup(workload));
    const addons = before.filter((block) => block?.type === 'aws_eks_addon');
    expect(addons.map((block) => textAt(block?.body, 'addon_name')).toSorted()).toEqual([
      'eks-pod-identity-agent',
      'kube-proxy',
      'vpc-cni',
    ]);
    expect(before.filter((block) => block?.type === 'aws_route')).toHaveLength(3);
    expect(before.filter((block) => block?.type === 'aws_iam_role_policy_attachment')).toHaveLength(2);
  });

  it('gives the network add-on its identity before its first pod', () => {
    expect(waitsFor(addon('vpc-cni')).map((block) => block?.type)).toEqual([
      'aws_eks_pod_identity_association',
      'aws_iam_role_policy_attachment',
    ]);
  });

  it('starts the agent of pod identities on nodes that are not ready: the network add-on asks it', () => {
    const configuration = textAt(addon('eks-pod-identity-agent').body, 'configuration_values');
    expect(JSON.parse(configuration)).toEqual({ tolerations: [{ operator: 'Exists' }] });
  });

  it.each(['coredns', 'metrics-server', 'aws-ebs-csi-driver'])(
    'starts %s on nodes that are there',
    (name) => {
      expect(waitsFor(addon(name))).toContain(nodeGroup('general'));
    },
  );

  it('makes the log group before the cluster would', () => {
    const { name } = cluster().body;
    const groups = waitsFor(cluster()).filter((block) => block?.type === 'aws_cloudwatch_log_group');
    expect(groups.map((group) => group?.body.name)).toEqual([`/aws/eks/${String(name)}/cluster`]);
  });
});

describe('nodes', () => {
  it('of the compute group take only pods that tolerate them', () => {
    expect(listAt(nodeGroup('compute').body, 'taint')).toEqual([
      { key: 'workload', value: 'compute', effect: 'NO_SCHEDULE' },
    ]);
    expect(listAt(nodeGroup('general').body, 'taint')).toEqual([]);
  });

  it.each(WORKLOADS)('of %s let no pod reach their credentials', (workload) => {
    expect(valueAt(template(workload).body, 'metadata_options')).toEqual({
      http_endpoint: 'enabled',
      http_tokens: 'required',
      http_put_response_hop_limit: 1,
    });
  });

  it('may do what a node does, and nothing of their own', () => {
    const [role, ...others] = prod.targets(nodeGroup('general'), 'node_role_arn', 'aws_iam_role');
    expect(others).toEqual([]);
    const attached = prod.companions(role!, 'aws_iam_role_policy_attachment', 'role');
    expect(attached.map(({ body }) => textAt(body, 'policy_arn').replace(/^.*\//, '')).toSorted()).toEqual([
      'AmazonEC2ContainerRegistryPullOnly',
      'AmazonEKSWorkerNodePolicy',
    ]);
    const own = prod.companions(role!, 'aws_iam_role_policy', 'role');
    const actions = own
      .flatMap((policy) => prod.statementsAt(policy, 'policy'))
      .flatMap((one) => one.actions);
    // A session that a person opens, and no parameter of the account.
    expect(actions.filter((action) => !action.startsWith('ssmmessages:'))).toEqual([
      'ssm:UpdateInstanceInformation',
    ]);
    expect(actions).toContain('ssmmessages:OpenDataChannel');
  });

  it.each(WORKLOADS)('of %s keep their size when the autoscaler has changed it', (workload) => {
    expect(valueAt(nodeGroup(workload).body, 'lifecycle')).toEqual({
      create_before_destroy: true,
      ignore_changes: ['scaling_config[0].desired_size'],
    });
  });

  it('have disks that EC2 Auto Scaling can attach: its role may use their key and grant it on', () => {
    const disk = 'block_device_mappings.ebs.kms_key_id';
    const keys = WORKLOADS.flatMap((workload) => prod.targets(template(workload), disk, 'aws_kms_key'));
    const [key] = keys;
    expect(keys).toEqual([key, key]);
    const ofAutoScaling = prod
      .statementsAt(key!, 'policy')
      .filter(({ principals }) =>
        principals.some(({ identifiers }) =>
          identifiers.some((one) => one.endsWith('/AWSServiceRoleForAutoScaling')),
        ),
      );
    const actions = ofAutoScaling.flatMap((statement) => statement.actions);
    expect(actions).toEqual(
      expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:CreateGrant']),
    );
    const granting = ofAutoScaling.filter((statement) => statement.actions.includes('kms:CreateGrant'));
    expect(granting.flatMap(({ conditions }) => conditions.map(({ variable }) => variable))).toEqual([
      'kms:GrantIsForAWSResource',
    ]);
  });
});

describe('network policies', () => {
  it('are enforced, not only stored', () => {
    const configuration = textAt(addon('vpc-cni').body, 'configuration_values');
    expect(JSON.parse(configuration)).toMatchObject({ enableNetworkPolicy: 'true' });
  });
});

describe('who administers Kubernetes', () => {
  it.each(ENVIRONMENTS)(
    'is on a list in %s: the role by which bootstrap lets CI deploy, and no silent creator',
    (environment) => {
      const model = MODELS[environment];
      const [{ body } = cluster()] = model.all('aws_eks_cluster');
      expect(valueAt(body, 'access_config.bootstrap_cluster_creator_admin_permissions')).toBe(false);
      const entries = model.all('aws_eks_access_entry').map((entry) => textAt(entry.body, 'principal_arn'));
      const roles = model
        .all('aws_iam_role')
        .filter(({ stack }) => stack === 'bootstrap')
        .map((role) => textAt(role.body, 'name'));
      expect(entries).toHaveLength(1 + SETTINGS[environment].aws.eks.administratorRoleArns.length);
      expect(roles).toContain(entries[0]!.split('/').at(-1));
    },
  );

  it('includes the roles that the settings name', () => {
    const administrator = 'arn:aws:iam::111122223333:role/platform-team';
    const { dev } = SETTINGS;
    const eks = { ...dev.aws.eks, administratorRoleArns: [administrator] };
    const settings = { ...dev, aws: { ...dev.aws, eks } };
    const model = new Model(synthesize(settings), settings);
    const entries = model.all('aws_eks_access_entry').map(({ body }) => body.principal_arn);
    expect(entries).toContain(administrator);
  });
});

describe('the Kubernetes API', () => {
  it('is reached from outside only from the ranges that the settings name', () => {
    const { dev } = SETTINGS;
    const eks = { ...dev.aws.eks, publicApiRanges: ['203.0.113.0/24'] };
    const settings = { ...dev, aws: { ...dev.aws, eks } };
    const [opened] = new Model(synthesize(settings), settings).all('aws_eks_cluster');
    expect(valueAt(opened!.body, 'vpc_config')).toMatchObject({
      endpoint_private_access: true,
      endpoint_public_access: true,
      public_access_cidrs: ['203.0.113.0/24'],
    });
    expect(valueAt(cluster().body, 'vpc_config.endpoint_public_access')).toBe(false);
  });
});

describe('each pod identity', () => {
  const associations = prod.all('aws_eks_pod_identity_association');

  it('is for the pods of one service account of this cluster', () => {
    expect(associations.length).toBeGreaterThan(0);
    for (const association of associations) {
      const [role] = prod.targets(association, 'role_arn', 'aws_iam_role');
      const [statement, ...others] = prod.statementsAt(role!, 'assume_role_policy');
      expect(others).toEqual([]);
      const asked = Object.fromEntries(
        statement!.conditions.map(({ variable, values }) => [variable, values]),
      );
      expect(asked).toEqual({
        'aws:RequestTag/eks-cluster-name': [association.body.cluster_name],
        'aws:RequestTag/kubernetes-namespace': [association.body.namespace],
        'aws:RequestTag/kubernetes-service-account': [association.body.service_account],
      });
    }
  });
});
