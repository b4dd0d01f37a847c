import { describe, expect, it } from '@jest/globals';
import { listAt, textAt } from '../../test/infra/body.ts';
import { Model } from '../../test/infra/model.ts';
import { platformOf, SETTINGS } from '../../test/infra/synth.ts';

const model = new Model(platformOf('prod'), SETTINGS.prod);
const instance = model.all('aws_db_instance')[0]!;

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

  it('admits the nodes of Kubernetes on its port and nobody else', () => {
    const [group] = model.targets(instance, 'vpc_security_group_ids', 'aws_security_group');
    const admitted = model.companions(group!, 'aws_vpc_security_group_ingress_rule', 'security_group_id');
    expect(admitted.map(({ body }) => [body.from_port, body.to_port, body.description])).toEqual([
      [5_432, 5_432, 'Postgres over TLS from nodes'],
    ]);
  });

  it('cannot be deleted where the environment is protected, and leaves a snapshot', () => {
    expect([instance.body.deletion_protection, instance.body.skip_final_snapshot]).toEqual([true, false]);
    expect(listAt(instance.body, 'lifecycle.prevent_destroy')).toEqual([true]);
  });
});
