// What the programs of the cluster may change on AWS: each only its own resources.
import { describe, expect, it } from '@jest/globals';
import { Model } from '../../test/infra/model.ts';
import { statementsOfRole } from '../../test/infra/relations/programs.ts';
import { platformOf, SETTINGS } from '../../test/infra/synth.ts';

const prod = new Model(platformOf('prod'), SETTINGS.prod);
const READS = /:(Get|List|Describe)/;

/** Every change that the pods of an account may make: the action, on what, and on which condition. */
function changesOf(model: Model, serviceAccount: string): string[] {
  const association = model
    .all('aws_eks_pod_identity_association')
    .find(({ body }) => body.service_account === serviceAccount)!;
  const [role] = model.targets(association, 'role_arn', 'aws_iam_role');
  return statementsOfRole(model, role!).flatMap(({ actions, resources, conditions }) =>
    actions
      .filter((action) => !READS.test(action) && !action.startsWith('kms:'))
      .map((action) => {
        const bound = conditions.map(({ variable, values }) => ` if ${variable} is ${values.join()}`);
        return `${action} on ${resources.join()}${bound.join()}`;
      }),
  );
}

const AUTOSCALER = ['SetDesiredCapacity', 'TerminateInstanceInAutoScalingGroup'].map(
  (action) =>
    `autoscaling:${action} on arn:aws:autoscaling:eu-central-1:777788889999:autoScalingGroup:*:autoScalingGroupName/*` +
    ' if aws:ResourceTag/k8s.io/cluster-autoscaler/shop-prod is owned',
);

describe('the node autoscaler', () => {
  it('changes the size of this cluster’s node groups, and nothing else', () => {
    expect(changesOf(prod, 'cluster-autoscaler')).toEqual(AUTOSCALER);
  });

  it('finds groups whose desired size no plan resets', () => {
    const groups = prod.all('aws_eks_node_group');
    expect(groups).toHaveLength(2);
    for (const { body } of groups)
      expect((body.lifecycle as { ignore_changes: string[] }).ignore_changes).toEqual([
        'scaling_config[0].desired_size',
      ]);
  });

  it('negative control: a group of another cluster would be seen', () => {
    const broken = new Model(structuredClone(prod.json), prod.settings);
    const document = broken
      .all('data.aws_iam_policy_document')
      .find(({ name }) => name.startsWith('node-autoscaler_may'))!;
    for (const statement of document.body.statement as Record<string, unknown>[]) delete statement.condition;
    expect(changesOf(new Model(broken.json, prod.settings), 'cluster-autoscaler')).not.toEqual(AUTOSCALER);
  });
});

describe('Alertmanager', () => {
  it('writes to the topic that CloudWatch’s alarms go to, and changes nothing', () => {
    const [change, ...others] = changesOf(prod, 'alertmanager');
    expect(change).toMatch(/^sns:Publish on \$\{.*aws_sns_topic.*_arn\}$/);
    expect(others).toEqual([]);
  });
});

describe('Loki', () => {
  it('writes into its own bucket, and into no other', () => {
    const bucket = prod.all('aws_s3_bucket').find(({ body }) => String(body.bucket).endsWith('-loki'))!;
    const chunks = `\${${bucket.type}.${bucket.name}.arn}/*`;
    expect(changesOf(prod, 'loki')).toEqual([`s3:DeleteObject on ${chunks}`, `s3:PutObject on ${chunks}`]);
  });
});

describe('images of the services', () => {
  it('have a repository each, by the name of the process', () => {
    const services = prod.all('aws_eks_pod_identity_association').map(({ body }) => body);
    const names = services.filter(({ namespace }) => namespace === 'shop').map((one) => one.service_account);
    const repositories = prod.all('aws_ecr_repository').map(({ body }) => body.name);
    expect(repositories).toEqual(names.map((name) => `shop-prod/${String(name)}`).toSorted());
    expect(repositories.length).toBeGreaterThan(5);
  });
});
