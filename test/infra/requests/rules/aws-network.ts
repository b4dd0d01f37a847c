// Network of AWS: the VPC and what is in it, names, tunnels.
import { oneRequest, type TypeRule } from '../request-rule.ts';

type Body = Readonly<Record<string, unknown>>;

/** One rule is one permission with one peer, which carries the description. */
function asPermission(body: Body): Record<string, unknown> {
  const { security_group_id, ip_protocol, from_port, to_port, description, tags, ...peer } = body;
  const [member, key] = Object.entries(PEERS).find(([name]) => name in peer) ?? [];
  if (!member || !key) return { ...body };
  return {
    group_id: security_group_id,
    ...(tags !== undefined && { tags }),
    ip_permissions: [
      {
        ip_protocol,
        ...(from_port !== undefined && { from_port }),
        ...(to_port !== undefined && { to_port }),
        [key[0]]: [{ [key[1]]: peer[member], ...(description !== undefined && { description }) }],
      },
    ],
  };
}
const PEERS: Readonly<Record<string, readonly [list: string, member: string]>> = {
  cidr_ipv4: ['ip_ranges', 'cidr_ip'],
  cidr_ipv6: ['ipv6_ranges', 'cidr_ipv6'],
  prefix_list_id: ['prefix_list_ids', 'prefix_list_id'],
  referenced_security_group_id: ['user_id_group_pairs', 'group_id'],
};

/** `tunnel1_…` and `tunnel2_…` are the two elements of one list, and values of most lists are in structures. */
function withTunnels(body: Body): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  const tunnels: Record<string, unknown>[] = [{}, {}];
  for (const [name, value] of Object.entries(body)) {
    const [, number, rest] = /^tunnel([12])_(.+)$/.exec(name) ?? [];
    if (!number) made[name] = value;
    else
      tunnels[Number(number) - 1]![rest!] = Array.isArray(value)
        ? value.map((one) => ({ value: one }))
        : value;
  }
  return { ...made, options: { tunnel_options: tunnels } };
}

export const AWS_NETWORK: Readonly<Record<string, TypeRule>> = {
  aws_vpc: {
    requests: [
      { operation: 'ec2.CreateVpc' },
      {
        operation: 'ec2.ModifyVpcAttribute',
        names: {
          enable_dns_hostnames: 'EnableDnsHostnames.Value',
          enable_dns_support: 'EnableDnsSupport.Value',
        },
        given: { VpcId: '${vpc}' },
      },
    ],
  },
  aws_subnet: {
    requests: [
      { operation: 'ec2.CreateSubnet' },
      {
        operation: 'ec2.ModifySubnetAttribute',
        names: { map_public_ip_on_launch: 'MapPublicIpOnLaunch.Value' },
        given: { SubnetId: '${subnet}' },
      },
    ],
  },
  aws_internet_gateway: {
    requests: [
      { operation: 'ec2.CreateInternetGateway' },
      { operation: 'ec2.AttachInternetGateway', given: { InternetGatewayId: '${gateway}' } },
    ],
  },
  aws_eip: oneRequest('ec2.AllocateAddress'),
  aws_nat_gateway: oneRequest('ec2.CreateNatGateway'),
  aws_route_table: oneRequest('ec2.CreateRouteTable'),
  aws_route: oneRequest('ec2.CreateRoute'),
  aws_route_table_association: oneRequest('ec2.AssociateRouteTable'),
  aws_security_group: oneRequest('ec2.CreateSecurityGroup', { name: 'GroupName' }),
  aws_default_security_group: oneRequest(
    'ec2.RevokeSecurityGroupIngress',
    {},
    { unsent: { vpc_id: 'names whose group it is' } },
  ),
  aws_vpc_security_group_ingress_rule: oneRequest(
    'ec2.AuthorizeSecurityGroupIngress',
    {},
    { reform: asPermission },
  ),
  aws_vpc_security_group_egress_rule: oneRequest(
    'ec2.AuthorizeSecurityGroupEgress',
    {},
    { reform: asPermission },
  ),
  aws_vpc_endpoint: oneRequest('ec2.CreateVpcEndpoint', { policy: 'PolicyDocument' }),
  aws_flow_log: oneRequest(
    'ec2.CreateFlowLogs',
    { vpc_id: 'ResourceIds', iam_role_arn: 'DeliverLogsPermissionArn' },
    { given: { ResourceType: 'VPC' } },
  ),
  aws_customer_gateway: oneRequest('ec2.CreateCustomerGateway'),
  aws_vpn_gateway: {
    requests: [
      { operation: 'ec2.CreateVpnGateway', given: { Type: 'ipsec.1' } },
      { operation: 'ec2.AttachVpnGateway', given: { VpnGatewayId: '${gateway}' } },
    ],
  },
  aws_vpn_gateway_route_propagation: oneRequest('ec2.EnableVgwRoutePropagation', {
    vpn_gateway_id: 'GatewayId',
  }),
  aws_vpn_connection: oneRequest(
    'ec2.CreateVpnConnection',
    {
      'options.tunnel_options.inside_cidr': 'TunnelInsideCidr',
      'options.tunnel_options.log_options.cloudwatch_log_options': 'CloudWatchLogOptions',
    },
    { reform: withTunnels },
  ),
  aws_route53_resolver_endpoint: oneRequest(
    'route53resolver.CreateResolverEndpoint',
    { ip_address: 'IpAddresses' },
    { given: { CreatorRequestId: '${token}' } },
  ),
  aws_launch_template: oneRequest(
    'ec2.CreateLaunchTemplate',
    {
      name: 'LaunchTemplateName',
      description: 'VersionDescription',
      block_device_mappings: 'LaunchTemplateData.BlockDeviceMappings',
      iam_instance_profile: 'LaunchTemplateData.IamInstanceProfile',
      image_id: 'LaunchTemplateData.ImageId',
      instance_type: 'LaunchTemplateData.InstanceType',
      metadata_options: 'LaunchTemplateData.MetadataOptions',
      monitoring: 'LaunchTemplateData.Monitoring',
      network_interfaces: 'LaunchTemplateData.NetworkInterfaces',
      tag_specifications: 'LaunchTemplateData.TagSpecifications',
      user_data: 'LaunchTemplateData.UserData',
      vpc_security_group_ids: 'LaunchTemplateData.SecurityGroupIds',
    },
    {
      unsent: { update_default_version: 'asked for when a later version is made' },
      given: { LaunchTemplateData: {} },
    },
  ),
};
