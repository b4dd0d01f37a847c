import { describe, expect, it } from '@jest/globals';
import { type Body, flinkPlatformOf, platformOf, SETTINGS, synthesize } from '../../test/infra/synth.ts';
import { deployAccountMember } from '../constructs/deploy-account.ts';
import { ROLE_BOUNDARY_ARN } from '../constructs/role-boundary.ts';

const { bootstrap, aws, link, gitops } = platformOf('prod');
const settings = SETTINGS.prod;
const SETTLED = /^time_sleep\.apis_settled_/;
const named = (type: string, part: string): Body => {
  const found = Object.entries({ ...bootstrap.resource?.[type], ...bootstrap.data?.[type] }).find(([name]) =>
    name.includes(part),
  );
  if (!found) throw new Error(`no ${type} with ${part} in its name`);
  return found[1];
};

describe('bootstrap', () => {
  it('makes the very bucket that the other stacks keep their states in', () => {
    const backend = (aws.terraform.backend as { s3: Body }).s3;
    expect(named('aws_s3_bucket', 'states').bucket).toBe(backend.bucket);
    expect(backend).toMatchObject({
      encrypt: true,
      use_lockfile: true,
      kms_key_id: 'arn:aws:kms:eu-central-1:777788889999:alias/shop-prod-terraform-state',
    });
    expect(named('aws_kms_alias', 'state-key').name).toBe('alias/shop-prod-terraform-state');
  });

  it('waits until Google’s first APIs have settled, with everything that it makes there', () => {
    const impatient = Object.entries(bootstrap.resource ?? {})
      .filter(([type]) => type.startsWith('google_') && type !== 'google_project_service')
      .flatMap(([, byName]) => Object.entries(byName))
      .filter(
        ([, { depends_on }]) => !(depends_on as string[] | undefined)?.some((one) => SETTLED.test(one)),
      );
    expect(impatient.map(([name]) => name)).toEqual([]);
    const [sleep] = Object.values(bootstrap.resource!.time_sleep!);
    expect(sleep!.depends_on).toHaveLength(Object.keys(bootstrap.resource!.google_project_service!).length);
  });

  it('keeps its own state in a file that does not depend on where the checkout is, until the bucket is there', () => {
    const [before, after] = ['file', 'bucket'].map((state) => {
      const changed = { ...settings, bootstrap: { state: state as 'file' | 'bucket' } };
      return synthesize(changed).bootstrap.terraform.backend;
    });
    expect(before).toEqual({ local: { path: '../../../../bootstrap.prod.tfstate' } });
    expect(after).toMatchObject({ s3: { key: 'prod/bootstrap.tfstate' } });
  });

  it.each([
    ['plan', 'pull_request'],
    ['deploy', 'environment:prod'],
  ])(
    'lets only our own workflows become the role that may %s, however GitHub writes their subject',
    (purpose, context) => {
      const [statement] = named('aws_iam_policy_document', `${purpose}-trust`).statement as Body[];
      const equals = (claim: string, values: string[]) => ({
        test: 'StringEquals',
        variable: `token.actions.githubusercontent.com:${claim}`,
        values,
      });
      expect(statement!.condition).toEqual([
        equals('aud', ['sts.amazonaws.com']),
        equals('sub', [
          `repo:example@1234567/two-cloud-shop@123456789:${context}`,
          `repo:example/two-cloud-shop:${context}`,
        ]),
        equals('repository_id', ['123456789']),
      ]);
    },
  );

  it('lets the planning role read states and lock them, and the deploying role write them too', () => {
    const rights = (purpose: string) =>
      (named('aws_iam_policy_document', `${purpose}-state-access`).statement as Body[])
        .filter(({ sid }) => ['ReadStates', 'LockStates', 'WriteStates'].includes(String(sid)))
        .map(({ actions, resources }) => [
          (actions as string[]).map((action) => action.replace('s3:', '')).join(),
          (resources as string[]).map((resource) => resource.split('/').at(-1)).join(),
        ]);
    const common = [
      ['GetObject', '*.tfstate,*.tflock'],
      ['PutObject,DeleteObject', '*.tflock'],
    ];
    expect(rights('plan')).toEqual(common);
    expect(rights('deploy')).toEqual([...common, ['PutObject', '*.tfstate']]);
  });

  it('lets the deploying role define roles of the platform, but not widen itself', () => {
    const statements = named('aws_iam_policy_document', 'roles-of-the-platform').statement as Body[];
    const [grants, changes, denied] = statements;
    for (const allowed of [grants, changes])
      expect(allowed!.resources).toEqual(['arn:aws:iam::777788889999:role/shop-prod-*']);
    expect(grants!.condition).toEqual([
      { test: 'StringEquals', variable: 'iam:PermissionsBoundary', values: [ROLE_BOUNDARY_ARN] },
    ]);
    expect(denied).toMatchObject({
      effect: 'Deny',
      resources: ['arn:aws:iam::777788889999:role/shop-prod-ci-*'],
    });
    expect(denied!.actions).toEqual(
      expect.arrayContaining(['iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy']),
    );
  });

  it('may make every role that the other stacks have: each is inside the boundary, and named as ours', () => {
    const roles = [aws, link, gitops].flatMap((stack) => Object.values(stack.resource?.aws_iam_role ?? {}));
    expect(roles.length).toBeGreaterThan(5);
    expect(roles.filter((role) => role.permissions_boundary !== ROLE_BOUNDARY_ARN)).toEqual([]);
    expect(roles.filter((role) => !String(role.name).startsWith('shop-prod-'))).toEqual([]);
    expect(roles.filter((role) => String(role.name).startsWith('shop-prod-ci-'))).toEqual([]);
  });

  it('may give on Google Cloud exactly the roles that the workloads have there', () => {
    const { expression } = named('google_project_iam_member', 'workload-roles').condition as {
      expression: string;
    };
    const grantable = expression.match(/roles\/[\w.]+/g);
    const withFlink = flinkPlatformOf('prod');
    const granted = [withFlink.gcp, withFlink.link, withFlink.analytics].flatMap((stack) =>
      Object.values(stack.resource?.google_project_iam_member ?? {}).map(({ role }) => role),
    );
    expect(new Set(grantable)).toEqual(new Set(granted));
  });

  it('takes tokens of our repository and environment alone on Google Cloud', () => {
    expect(named('google_iam_workload_identity_pool_provider', 'provider').attribute_condition).toBe(
      "assertion.repository_id == '123456789' && assertion.repository_owner_id == '1234567' && assertion.environment == 'prod'",
    );
  });

  it('is the account on Google Cloud that workloads name as their deployer', () => {
    expect(named('google_service_account', 'deploy').account_id).toBe('shop-prod-ci-deploy');
    expect(deployAccountMember(settings)).toBe(
      'serviceAccount:shop-prod-ci-deploy@shop-prod-example.iam.gserviceaccount.com',
    );
  });
});
