// The reading of network policies itself, on two pods.
import { describe, expect, it } from '@jest/globals';
import { Content, type KubeObject, type Placed } from './content.ts';
import { edgeText, graphOf, mayAskNames } from './network.ts';

const placed = (object: KubeObject): Placed => ({ part: 'one', file: 'x/one/y.yaml', object });
const pod = (name: string, namespace: string): Placed =>
  placed({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/name': name } },
    spec: { containers: [{ name, ports: [{ name: 'http', containerPort: 80 }] }] },
  });
const policy = (name: string, namespace: string, spec: object): Placed =>
  placed({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: { podSelector: { matchLabels: { 'app.kubernetes.io/name': name } }, ...spec },
  });

const asker = pod('asker', 'left');
const asked = pod('asked', 'right');
const toAsked = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'right' } },
  podSelector: { matchLabels: { 'app.kubernetes.io/name': 'asked' } },
};
const toAsker = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'left' } },
  podSelector: { matchLabels: { 'app.kubernetes.io/name': 'asker' } },
};
const out = (ports: readonly object[]) =>
  policy('asker', 'left', { policyTypes: ['Egress'], egress: [{ to: [toAsked], ports }] });
const into = (ports: readonly object[]) =>
  policy('asked', 'right', { policyTypes: ['Ingress'], ingress: [{ from: [toAsker], ports }] });
const EDGE = 'left/asker -> right/asked:80';
const graph = (...policies: readonly Placed[]) => {
  const { open, half } = graphOf(new Content('x', '.', [asker, asked, ...policies]));
  const ofBoth = (edges: readonly { from: string; to: string; port: number }[]) =>
    edges.map(edgeText).filter((text) => text === EDGE);
  return { open: ofBoth(open), half: ofBoth(half) };
};

describe('a connection', () => {
  it('is open where no policy selects either pod', () => {
    expect(graph().open).toContain(EDGE);
  });

  it('is open where both sides name the other and the port, by number, by name or in a range', () => {
    for (const port of [{ port: 80 }, { port: 'http' }, { port: 79, endPort: 81 }])
      expect(graph(out([port]), into([port]))).toEqual({ open: [EDGE], half: [] });
  });

  it('is half open where one side closes it', () => {
    expect(graph(out([{ port: 80 }]), into([{ port: 81 }])).half).toEqual([EDGE]);
    expect(graph(out([{ port: 81 }]), into([{ port: 80 }])).half).toEqual([EDGE]);
  });

  it('is closed for another protocol, another namespace, and where a policy allows nothing', () => {
    expect(graph(out([{ port: 80, protocol: 'UDP' }]), into([{ port: 80 }])).open).toEqual([]);
    const sameNamespace = policy('asker', 'left', {
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: toAsked.podSelector }] }],
    });
    expect(graph(sameNamespace, into([{ port: 80 }])).open).toEqual([]);
    expect(graph(policy('asker', 'left', { policyTypes: ['Egress'] })).open).not.toContain(EDGE);
  });

  it('adds up over policies', () => {
    const closed = policy('asker', 'left', { policyTypes: ['Ingress', 'Egress'] });
    expect(graph(closed, out([{ port: 80 }])).open).toContain(EDGE);
  });
});

describe('names', () => {
  const dns = (protocols: readonly string[]) =>
    policy('asker', 'left', {
      policyTypes: ['Egress'],
      egress: [
        {
          to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
          ports: protocols.map((protocol) => ({ port: 53, protocol })),
        },
      ],
    });
  const may = (...policies: readonly Placed[]) => {
    const content = new Content('x', '.', [asker, ...policies]);
    return mayAskNames(content, content.pods()[0]!);
  };

  it('are resolved by UDP and TCP, or not at all', () => {
    expect([may(), may(dns(['UDP', 'TCP'])), may(dns(['UDP'])), may(out([{ port: 80 }]))]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
