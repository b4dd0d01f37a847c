import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { rdsAuthorities } from '#runtime/postgres/rds-login.ts';
import { listAt, textAt } from '../../test/infra/body.ts';
import { Model } from '../../test/infra/model.ts';
import { programOf, statementsOfRole } from '../../test/infra/relations/programs.ts';
import { platformOf, SETTINGS } from '../../test/infra/synth.ts';

const model = new Model(platformOf('prod'), SETTINGS.prod);
const instance = model.all('aws_db_instance')[0]!;

describe('the roles of the services', () => {
  const administrator = model
    .all('aws_lambda_function')
    .find(({ body }) => body.function_name === 'shop-prod-database-roles')!;
  const statements = model
    .targets(administrator, 'role', 'aws_iam_role')
    .flatMap((role) => statementsOfRole(model, role));
  const resourcesFor = (action: string) =>
    statements.filter(({ actions }) => actions.includes(action)).flatMap(({ resources }) => resources);

  it('are created again at each change of the function, of the list or of the instance, once the database is reachable', () => {
    const [invocation] = model.companions(administrator, 'aws_lambda_invocation', 'function_name');
    expect(Object.keys(invocation!.body.triggers as object)).toEqual(['code', 'instance', 'places']);
    expect(listAt(invocation!.body, 'depends_on')).toEqual([
      expect.stringMatching(/ingress_rule\.postgres_from-database-roles/),
      expect.stringMatching(/egress_rule\.postgres_database-roles-to-postgres/),
      expect.stringMatching(/egress_rule\.database-roles_to-secrets-manager/),
    ]);
  });

  it('are made by a function that signs in as the owner, and reads that one password and no other secret', () => {
    const { variables } = programOf(model, 'database-roles');
    const { username } = new URL(String(variables.DATABASE_URL).replace(/\$\{[^}]+\}/, 'host'));
    expect(username).toBe(instance.body.username);
    expect(resourcesFor('rds-db:connect')).toEqual([expect.stringMatching(/\.resource_id\}\/shop_owner$/)]);
    expect(resourcesFor('secretsmanager:GetSecretValue')).toEqual([variables.OWNER_SECRET_ARN]);
    expect(variables.OWNER_SECRET_ARN).toMatch(/master_user_secret\[0\]\.secret_arn/);
  });
});

describe('the services’ Postgres', () => {
  it('has no password that Terraform knows', () => {
    expect(Object.keys(instance.body).filter((name) => name.startsWith('password'))).toEqual([]);
    expect(instance.body.manage_master_user_password).toBe(true);
  });

  it('is of the major version that its parameters are for', () => {
    const [group] = model.targets(instance, 'parameter_group_name', 'aws_db_parameter_group');
    expect(group!.body.family).toBe(`postgres${textAt(instance.body, 'engine_version').split('.')[0]}`);
  });

  it('writes only into log groups that were made before it', () => {
    const logs = listAt(instance.body, 'enabled_cloudwatch_logs_exports').map(
      (log) => `/aws/rds/instance/${textAt(instance.body, 'identifier')}/${String(log)}`,
    );
    const waitsFor = listAt(instance.body, 'depends_on').map(
      (address) => model.at(`aws/${String(address)}`)!,
    );
    const groups = waitsFor.filter(({ type }) => type === 'aws_cloudwatch_log_group');
    expect(groups.map(({ body }) => body.name)).toEqual(logs);
  });

  it('admits the nodes of Kubernetes and the function that makes its roles on its port, and nothing else', () => {
    const [group] = model.targets(instance, 'vpc_security_group_ids', 'aws_security_group');
    const admitted = model.companions(group!, 'aws_vpc_security_group_ingress_rule', 'security_group_id');
    expect(admitted.map(({ body }) => [body.from_port, body.to_port, body.description])).toEqual([
      [5_432, 5_432, 'Postgres over TLS from database-roles'],
      [5_432, 5_432, 'Postgres over TLS from nodes'],
    ]);
  });

  it('is verified by an authority that clients have', () => {
    const [, algorithm] = /^rds-ca-([a-z0-9]+)-g1$/.exec(textAt(instance.body, 'ca_cert_identifier')) ?? [];
    const subjects = rdsAuthorities(SETTINGS.prod.aws.region).map((pem) => new X509Certificate(pem).subject);
    expect(subjects).toContainEqual(expect.stringContaining(`${algorithm!.toUpperCase()} G1`));
  });

  it('cannot be deleted where the environment is protected, and leaves a snapshot', () => {
    expect([instance.body.deletion_protection, instance.body.skip_final_snapshot]).toEqual([true, false]);
    expect(listAt(instance.body, 'lifecycle.prevent_destroy')).toEqual([true]);
  });
});
