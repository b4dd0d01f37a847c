// A namespace with what holds for all in it: what pods may do, that nobody speaks to anybody unless a rule says so, and how much they
// may take together.
import { Construct } from 'constructs';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { ILimitRange, INamespace, IResourceQuota } from 'kubernetes-models/v1';
import { NAMESPACES, type NamespaceName, privilegeOf } from '../namespaces.ts';
import { addObject } from '../part.ts';
import type { Quota } from './quota.ts';

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
    const level = privilege === undefined ? 'restricted' : 'privileged';
    addObject(this, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name,
        labels: {
          'pod-security.kubernetes.io/enforce': level,
          'pod-security.kubernetes.io/enforce-version': 'latest',
          // What is enforced is refused at the pod; a Deployment that would make such pods gets a warning at once.
          'pod-security.kubernetes.io/warn': level,
          'pod-security.kubernetes.io/audit': level,
        },
        annotations: {
          // A namespace takes all that is in it along: a person must agree.
          'argocd.argoproj.io/sync-options': 'Prune=confirm',
          ...(privilege === undefined ? {} : { 'shop/privileged-because': privilege }),
        },
      },
    } satisfies INamespace);
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
            // For containers that say nothing; ours do. No limit of CPU: it would make them wait while the node is idle.
            defaultRequest: { cpu: '50m', memory: '64Mi', 'ephemeral-storage': '32Mi' },
            default: { memory: '256Mi', 'ephemeral-storage': '256Mi' },
          },
        ],
      },
    } satisfies ILimitRange);
  }
}
