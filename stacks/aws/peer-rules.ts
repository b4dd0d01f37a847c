// Rules between two security groups: one port, one peer, both ends. Each is a separate resource, as Terraform recommends.
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js';
import type { Construct } from 'constructs';

export interface PeerRuleProps {
  /** The group that gets the rule. */
  readonly securityGroupId: string;
  /** The group at the other end. */
  readonly peerSecurityGroupId: string;
  /** The protocol and the peer; for people. */
  readonly description: string;
  readonly port: number;
  /** @default the one port */
  readonly portMax?: number;
}

/** Lets the peer in. */
export const admitPeer = (scope: Construct, id: string, props: PeerRuleProps): VpcSecurityGroupIngressRule =>
  new VpcSecurityGroupIngressRule(scope, id, ruleOf(props));

/** Lets the group out to the peer. */
export const reachPeer = (scope: Construct, id: string, props: PeerRuleProps): VpcSecurityGroupEgressRule =>
  new VpcSecurityGroupEgressRule(scope, id, ruleOf(props));

const ruleOf = ({
  securityGroupId,
  peerSecurityGroupId,
  description,
  port,
  portMax = port,
}: PeerRuleProps) => ({
  securityGroupId,
  referencedSecurityGroupId: peerSecurityGroupId,
  description,
  ipProtocol: 'tcp',
  fromPort: port,
  toPort: portMax,
});
