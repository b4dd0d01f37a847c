// What may connect to the Kubernetes nodes, and so to the pods, which share their security group; and where they may connect.
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group/index.js';
import type { VpcSecurityGroupEgressRuleConfig } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule/index.js';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { PlatformStack } from '../constructs/platform-stack.ts';
import { admitPeer } from './peer-rules.ts';

export interface NodeSecurityProps {
  readonly vpcId: string;
  readonly clusterName: string;
  /** The group of the Kubernetes API's network interfaces. */
  readonly apiSecurityGroupId: string;
}

const HTTPS_PORT = 443;
/** Everything that needs no privilege: kubelet 10250, metrics server 10251, and the admission webhooks, whose ports are their pods'. */
const UNPRIVILEGED = { port: 1_025, portMax: 65_535 };

export class NodeSecurity extends Construct {
  readonly securityGroupId: string;
  /** A node that starts before them does not find the Kubernetes API. */
  readonly rules: readonly ITerraformDependable[];
  readonly #apiSecurityGroupId: string;

  constructor(scope: Construct, id: string, { vpcId, clusterName, apiSecurityGroupId }: NodeSecurityProps) {
    super(scope, id);
    const name = `${PlatformStack.of(this).prefix}-eks-nodes`;
    this.#apiSecurityGroupId = apiSecurityGroupId;
    this.securityGroupId = new SecurityGroup(this, 'group', {
      name,
      description: 'Kubernetes nodes and their pods',
      vpcId,
      // By the second tag the load balancer controller finds where its rules belong.
      tags: { Name: name, [`kubernetes.io/cluster/${clusterName}`]: 'owned' },
    }).id;
    this.rules = [...this.admit(), ...this.letOut()];
  }

  private admit(): ITerraformDependable[] {
    const fromNodes = new VpcSecurityGroupIngressRule(this, 'from-nodes', {
      securityGroupId: this.securityGroupId,
      description: 'Nodes and pods among themselves: network policies divide them',
      referencedSecurityGroupId: this.securityGroupId,
      ipProtocol: '-1',
    });
    const fromApi = admitPeer(this, 'from-api', {
      securityGroupId: this.securityGroupId,
      peerSecurityGroupId: this.#apiSecurityGroupId,
      description: 'The Kubernetes API asks kubelets, metrics and admission webhooks',
      ...UNPRIVILEGED,
    });
    const apiFromNodes = admitPeer(this, 'api-from-nodes', {
      securityGroupId: this.#apiSecurityGroupId,
      peerSecurityGroupId: this.securityGroupId,
      description: 'Nodes and pods ask the Kubernetes API',
      port: HTTPS_PORT,
    });
    return [fromNodes, fromApi, apiFromNodes];
  }

  /**
   * Brokers and databases add their own rule as they admit the nodes. Names and time need none: groups do not filter Amazon's
   * resolver and clock (AWS, "Security group basics").
   */
  private letOut(): ITerraformDependable[] {
    const toNodes = this.outRule('to-nodes', {
      description: 'Nodes and pods among themselves',
      referencedSecurityGroupId: this.securityGroupId,
      ipProtocol: '-1',
    });
    const toInternet = this.outRule('to-internet', {
      description: 'The Kubernetes API, AWS, image registries and Git: their addresses change',
      cidrIpv4: '0.0.0.0/0',
      ipProtocol: 'tcp',
      fromPort: HTTPS_PORT,
      toPort: HTTPS_PORT,
    });
    return [toNodes, toInternet];
  }

  private outRule(
    id: string,
    rule: Omit<VpcSecurityGroupEgressRuleConfig, 'securityGroupId'>,
  ): ITerraformDependable {
    return new VpcSecurityGroupEgressRule(this, id, { securityGroupId: this.securityGroupId, ...rule });
  }
}
