// How the platform meets people: by one name, from which all others follow; by mails that are believed; and by alarms that arrive.
import { describe, expect, it } from '@jest/globals';
import type { Block } from '../../test/infra/blocks.ts';
import { textAt } from '../../test/infra/body.ts';
import { allOf, oneOf } from '../../test/infra/look-up.ts';
import { Model } from '../../test/infra/model.ts';
import { statementsOfRole } from '../../test/infra/relations/programs.ts';
import { type Body, platformOf, SETTINGS, synthesize } from '../../test/infra/synth.ts';

const { edge, aws, bootstrap } = platformOf('prod');
const model = new Model(platformOf('prod'), SETTINGS.prod);

/** Everything that the pods of an account may do. */
function rightsOf(serviceAccount: string) {
  const association = model
    .all('aws_eks_pod_identity_association')
    .find(({ body }) => body.service_account === serviceAccount)!;
  return statementsOfRole(model, model.targets(association, 'role_arn', 'aws_iam_role')[0]!);
}

describe('the shop’s name', () => {
  it('is the only setting of it: addresses, origins, certificates and mails follow', () => {
    const settings = structuredClone(SETTINGS.prod);
    settings.edge.hostName = 'laden.example.org';
    settings.edge.zone.name = 'example.org';
    const moved = synthesize(settings);
    expect(JSON.stringify(moved)).not.toContain('shop.example.com');
    const cors = oneOf(moved.aws, 'aws_s3_bucket_cors_configuration').cors_rule as Body[];
    expect(cors.map(({ allowed_origins }) => allowed_origins)).toEqual([['https://laden.example.org']]);
    expect(oneOf(moved.aws, 'aws_cloudfront_distribution').aliases).toEqual(['images.laden.example.org']);
    const facts = Object.values(allOf(moved.gitops, 'aws_ssm_parameter'));
    const valueOf = (name: string) => facts.find((one) => one.name === `/shop-prod/${name}`)?.value;
    expect(['shop/url', 'images/base-url', 'mail/from'].map(valueOf)).toEqual([
      'https://laden.example.org',
      'https://images.laden.example.org',
      'no-reply@laden.example.org',
    ]);
  });

  it('has a certificate where it is used: in the region for the load balancer, in us-east-1 for CloudFront', () => {
    const certificates = Object.values(allOf(edge, 'aws_acm_certificate'));
    expect(certificates.map((one) => [one.domain_name, one.region])).toEqual([
      ['api.shop.example.com', undefined],
      ['images.shop.example.com', 'us-east-1'],
      ['shop.example.com', undefined],
    ]);
    // Proven, so that the load balancer controller finds it issued.
    const proven = Object.values(allOf(edge, 'aws_acm_certificate_validation'));
    expect(proven.map(({ certificate_arn }) => certificate_arn)).toEqual([
      expect.stringContaining('api-certificate'),
      expect.stringContaining('images-certificate'),
      expect.stringContaining('shop-certificate'),
    ]);
  });

  it('is in a zone that bootstrap makes, or that exists already', () => {
    expect(oneOf(bootstrap, 'aws_route53_zone').name).toBe('shop.example.com');
    expect(bootstrap.output!['name-servers']?.value).toContain('aws_route53_zone');
    const settings = structuredClone(SETTINGS.prod);
    settings.edge.zone.origin = 'existing';
    const there = synthesize(settings);
    expect(there.bootstrap.resource).not.toHaveProperty('aws_route53_zone');
    expect(oneOf(there.edge, 'aws_route53_zone')).toMatchObject({
      name: 'shop.example.com',
      private_zone: false,
    });
  });

  it('may be pointed to an address by ExternalDNS: that name and the services’, by two kinds of records, and no other', () => {
    const statements = rightsOf('external-dns');
    const [change, ...others] = statements.filter(({ actions }) =>
      actions.some((action) => !/:(Get|List)/.test(action)),
    );
    expect(others).toEqual([]);
    expect(change!.conditions.map(({ test, variable, values }) => [test, variable, values])).toEqual([
      [
        'ForAllValues:StringEquals',
        'route53:ChangeResourceRecordSetsNormalizedRecordNames',
        ['shop.example.com', 'api.shop.example.com'],
      ],
      ['ForAllValues:StringEquals', 'route53:ChangeResourceRecordSetsRecordTypes', ['A', 'AAAA']],
    ]);
  });
});

describe('mails', () => {
  const records = Object.values(allOf(edge, 'aws_route53_record'));
  const recordsOf = (type: string, name: string) =>
    records.filter((one) => one.type === type && one.name === name).flatMap((one) => one.records as string[]);

  it('are signed by three keys, each with its record', () => {
    const keys = records.filter(({ type }) => type === 'CNAME').map(({ name, records }) => [name, records]);
    expect(new Set(keys.map(String)).size).toBe(3);
    for (const [name, values] of keys) {
      const token = String(name).replace('._domainkey.shop.example.com', '');
      expect(values).toEqual([`${token}.dkim.amazonses.com`]);
    }
  });

  it('are refused by receivers when they are forged', () => {
    expect(recordsOf('TXT', '_dmarc.shop.example.com')).toEqual(['v=DMARC1; p=reject; adkim=s']);
    expect(recordsOf('TXT', 'bounce.shop.example.com')).toEqual(['v=spf1 include:amazonses.com -all']);
    expect(recordsOf('MX', 'bounce.shop.example.com')).toEqual([
      '10 feedback-smtp.eu-central-1.amazonses.com',
    ]);
  });

  it('are sent by the notification service alone, and from one address', () => {
    const senders = model
      .all('aws_eks_pod_identity_association')
      .map(({ body }) => String(body.service_account))
      .filter((account) =>
        rightsOf(account).some(({ actions }) => actions.some((one) => one.startsWith('ses:'))),
      );
    expect(senders).toEqual(['notification']);
    const sends = rightsOf('notification').find(({ actions }) => actions.includes('ses:SendRawEmail'));
    expect(sends!.conditions).toEqual([
      expect.objectContaining({ variable: 'ses:FromAddress', values: ['no-reply@shop.example.com'] }),
    ]);
  });
});

describe('the load balancer’s controller', () => {
  it('attaches no other firewall than ours, and changes no load balancer that is not its own', () => {
    const statements = rightsOf('aws-load-balancer-controller');
    const ties = statements.filter(({ actions }) => actions.includes('wafv2:AssociateWebACL'));
    expect(ties.flatMap(({ resources }) => resources).filter((one) => one.includes('web_acl'))).toHaveLength(
      1,
    );
    const deletes = statements.filter(({ actions }) =>
      actions.some((action) => action.includes(':DeleteLoad')),
    );
    expect(deletes.flatMap(({ conditions }) => conditions)).toEqual([
      expect.objectContaining({ test: 'Null', variable: 'aws:ResourceTag/elbv2.k8s.aws/cluster' }),
    ]);
  });
});

/** Alarms that the topic's policy keeps out: they would be lost without a word. */
function keptOut(platform: Model): string[] {
  const policy = platform.all('aws_sns_topic_policy')[0]!;
  const publish = platform.statementsAt(policy, 'policy').find(({ isAllow }) => isAllow);
  const [source] = publish!.conditions.flatMap(({ values }) => values);
  const prefix = source!.replace(/^.*:alarm:|\*$/g, '');
  const names = platform.all('aws_cloudwatch_metric_alarm').map(({ body }) => textAt(body, 'alarm_name'));
  return names.filter((name) => !name.startsWith(prefix));
}

/** Alarms that watch a name which nothing of ours has. */
function strangers(platform: Model): string[] {
  const known = ['aws_lambda_function', 'aws_sqs_queue', 'aws_db_instance', 'aws_msk_cluster'].flatMap(
    (type) =>
      platform
        .all(type)
        .flatMap(({ body }) =>
          ['function_name', 'name', 'identifier', 'cluster_name'].map((path) => textAt(body, path)),
        ),
  );
  const isKnown = (stack: Block['stack'], value: string): boolean =>
    known.includes(value) || platform.referencesIn(stack, value).length > 0;
  return platform
    .all('aws_cloudwatch_metric_alarm')
    .filter(({ stack, body }) =>
      Object.entries(body.dimensions as Record<string, string>).some(
        ([name, value]) => name !== 'Broker ID' && !isKnown(stack, value),
      ),
    )
    .map(({ address }) => address);
}

describe('alarms', () => {
  it('have names by which the topic lets them in, each its own', () => {
    const names = model.all('aws_cloudwatch_metric_alarm').map(({ body }) => textAt(body, 'alarm_name'));
    expect(names.length).toBeGreaterThan(15);
    expect(new Set(names).size).toBe(names.length);
    expect(keptOut(model)).toEqual([]);
  });

  it('negative control: a name that the topic keeps out, and a queue that is not there, would be seen', () => {
    const broken = new Model(structuredClone(model.json), model.settings);
    const [first, second] = broken.all('aws_cloudwatch_metric_alarm');
    first!.body.alarm_name = 'another-name';
    second!.body.dimensions = { QueueName: 'gone' };
    expect(keptOut(broken)).toEqual(['another-name']);
    expect(strangers(broken)).toEqual([second!.address]);
  });

  it('watch what is there: every name in a dimension is one of a resource of ours', () => {
    expect(strangers(model)).toEqual([]);
  });
});

describe('pictures', () => {
  it('are read by one distribution, in the bucket and by the key, and by nothing else', () => {
    const distribution = model.all('aws_cloudfront_distribution')[0]!;
    const arn = `\${${distribution.type}.${distribution.name}.arn}`;
    const admitted = ['aws_s3_bucket_policy', 'aws_kms_key'].flatMap((type) =>
      model
        .all(type)
        .flatMap((block) => model.statementsAt(block, 'policy'))
        .filter(({ principals }) =>
          principals.some(({ identifiers }) => identifiers.includes('cloudfront.amazonaws.com')),
        ),
    );
    expect(admitted.map(({ actions, conditions }) => [actions, conditions])).toEqual([
      [['s3:GetObject'], [{ test: 'StringEquals', variable: 'aws:SourceArn', values: [arn] }]],
      [
        ['kms:Decrypt', 'kms:DescribeKey'],
        [{ test: 'StringEquals', variable: 'aws:SourceArn', values: [arn] }],
      ],
    ]);
    const [origin] = (oneOf(aws, 'aws_cloudfront_distribution').origin as Body[]) ?? [];
    expect(String(origin!.domain_name)).toContain('processed-images');
  });

  it('do not reveal the account and the key that encrypts them', () => {
    const headers = oneOf(aws, 'aws_cloudfront_response_headers_policy');
    const removed = (headers.remove_headers_config as { items: Body[] }).items.map(({ header }) => header);
    expect(removed).toContain('x-amz-server-side-encryption-aws-kms-key-id');
  });
});
