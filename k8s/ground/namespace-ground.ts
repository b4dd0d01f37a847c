// A namespace with what holds for all in it: what pods may do, that no connection is allowed unless a rule says so, and how much they
// may take together.
import { Construct } from 'constructs';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { ILimitRange, INamespace, IResourceQuota } from 'kubernetes-models/v1';
import { NAMESPACES, type NamespaceName, privilegeOf } from '../namespaces.ts';
import { addObject, partOf } from '../part.ts';
import { podSecurity } from './pod-security.ts';
import { type Quota, UNSAID } from './quota.ts';

export interface NamespaceGroundProps {
  readonly namespace: NamespaceName;
  readonly quota: Quota;
}

export class NamespaceGround extends Construct {
  constructor(scope: Construct, id: string, { namespace, quota }: NamespaceGroundProps) {
    super(scope, id);
    const name = NAMESPACES[namespace];
    this.namespace(name, privilegeOf(namespace));
    this.networkRules(name);
    this.bounds(name, quota);
  }

  private namespace(name: string, privilege: string | undefined): void {
    addObject(this, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name,
        labels: { ...podSecurity(privilege), ...this.loadBalancerGate(name) },
        annotations: {
          // A namespace takes all that is in it along: a person must agree.
          'argocd.argoproj.io/sync-options': 'Prune=confirm',
          ...(privilege === undefined ? {} : { 'shop/privileged-because': privilege }),
        },
      },
    } satisfies INamespace);
  }

  /** A new pod counts as ready once the load balancer sends requests to it: before that no old one goes. */
  private loadBalancerGate(name: string): Record<string, string> {
    const isServed = partOf(this).props.overlay.kind === 'aws' && name === NAMESPACES.shop;
    return isServed ? { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' } : {};
  }

  private networkRules(namespace: string): void {
    addObject(this, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'default-deny', namespace },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    } satisfies INetworkPolicy);
    addObject(this, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'allow-dns', namespace },
      spec: {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [
          {
            to: [
              {
                namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
                podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
              },
            ],
            ports: ['UDP', 'TCP'].map((protocol) => ({ protocol: protocol as 'UDP' | 'TCP', port: 53 })),
          },
        ],
      },
    } satisfies INetworkPolicy);
  }

  private bounds(namespace: string, quota: Quota): void {
    addObject(this, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'together', namespace },
      spec: { hard: { ...quota } },
    } satisfies IResourceQuota);
    addObject(this, {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'each-container', namespace },
      spec: {
        limits: [
          {
            type: 'Container',
            // No limit of CPU: containers would wait while their node is idle.
            defaultRequest: { cpu: UNSAID.cpu, memory: UNSAID.memory },
            default: { memory: UNSAID.memoryLimit },
          },
        ],
      },
    } satisfies ILimitRange);
  }
}
