// The network policies are the declared call graph, in both directions, and nothing else.
import { declaredCalls, isOpenForEverybody } from '../calls.ts';
import { at, type Content, type Labels, listAt, type Placed, type PodTemplate } from '../content.ts';
import { edgeText, graphOf, mayAskNames, policiesOf, policyOf, programOf } from '../network.ts';
import { selects } from '../selectors.ts';
import { type Finding, firstOf, hasRights, type Rule } from './rule.ts';

const ownerOf = (content: Content, program: string) =>
  content.pods().find((pod) => programOf(pod) === program)!.owner;

type Fields = Record<string, unknown>;

const firstPolicyWith = (content: Content, direction: 'ingress' | 'egress') =>
  firstOf(
    content.all('NetworkPolicy').filter(({ object }) => listAt(object, `spec.${direction}`).length > 0),
    `policy with ${direction}`,
  );

const DECLARED: readonly Rule[] = [
  {
    id: 'calls-are-open',
    title: 'a program may open every connection that it needs',
    remedy: 'open it in the policies of both, from contracts/',
    judges: (content) => declaredCalls(content).length,
    find(content) {
      const open = new Set(graphOf(content).open.map(edgeText));
      return declaredCalls(content)
        .filter((edge) => !open.has(edgeText(edge)))
        .map((edge) => ({
          at: ownerOf(content, edge.from),
          field: 'egress',
          text: `${edgeText(edge)} is closed`,
        }));
    },
    breaks: [
      {
        what: 'a policy without a caller',
        on(content) {
          const closed = new Set(declaredCalls(content).map(({ to }) => to));
          for (const pod of content.pods())
            if (closed.has(programOf(pod)))
              for (const { placed } of policiesOf(content, pod, 'ingress'))
                delete (placed.object.spec as Fields).ingress;
        },
      },
    ],
  },
  {
    id: 'only-calls-are-open',
    title: 'a program may open no connection that it does not need',
    remedy: 'close it, or declare the call in contracts/ (programs of others: test/k8s/calls.ts)',
    judges: (content) => content.pods().length,
    find(content) {
      const declared = new Set(declaredCalls(content).map(edgeText));
      const texts = new Map(graphOf(content).open.map((edge) => [edgeText(edge), edge]));
      return [...texts]
        .filter(([text, edge]) => !declared.has(text) && !isOpenForEverybody(edge))
        .map(([text, { from }]) => ({
          at: ownerOf(content, from),
          field: 'egress',
          text: `${text} is open`,
        }));
    },
    breaks: [
      {
        what: 'a namespace where everybody may ask everybody',
        on(content) {
          const { metadata } = firstOf(content.all('NetworkPolicy'), 'policy').object;
          content.add(firstOf(content.all('NetworkPolicy'), 'policy'), {
            apiVersion: 'networking.k8s.io/v1',
            kind: 'NetworkPolicy',
            metadata: { name: 'everybody', namespace: metadata.namespace! },
            spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [{}] },
          });
        },
      },
    ],
  },
];

const SIDES: readonly Rule[] = [
  {
    id: 'calls-have-two-sides',
    title: 'what one side opens, the other opens too',
    remedy: 'open it in the policy of the other, or close it here',
    judges: (content) => graphOf(content).open.length,
    find: (content) =>
      graphOf(content).half.map((edge) => ({
        at: ownerOf(content, edge.openedBy === 'egress' ? edge.from : edge.to),
        field: edge.openedBy,
        text: `${edgeText(edge)} is open for ${edge.openedBy} alone`,
      })),
    breaks: [
      {
        what: 'a way out that leads to a closed door',
        on(content) {
          const { object } = firstPolicyWith(content, 'ingress');
          (object.spec as Fields).ingress = [];
        },
      },
      {
        what: 'a port that no caller may reach',
        on(content) {
          firstPolicyWith(content, 'egress');
          for (const { object } of content.all('NetworkPolicy')) (object.spec as Fields).egress = [];
        },
      },
    ],
  },
  {
    id: 'closed-by-default',
    title: 'a pod is closed in both directions, except for what a policy opens',
    remedy: 'let a policy of its namespace select every pod for both directions',
    judges: (content) => content.pods().length,
    find: (content) =>
      content
        .pods()
        .flatMap((pod) =>
          (['ingress', 'egress'] as const)
            .filter((direction) => policiesOf(content, pod, direction).length === 0)
            .map((direction): Finding => ({ at: pod.owner, field: direction, text: 'no policy closes it' })),
        ),
    breaks: [
      {
        what: 'an overlay without policies',
        on(content) {
          firstOf(content.all('NetworkPolicy'), 'policy');
          for (const placed of content.all('NetworkPolicy')) content.remove(placed);
        },
      },
    ],
  },
  {
    id: 'names-are-asked',
    title: 'a pod that may ask anybody may ask for names, by UDP and by TCP',
    remedy: 'open port 53 to kube-system',
    judges: (content) => content.pods().filter((pod) => asksAnybody(content, pod)).length,
    find: (content) =>
      content
        .pods()
        .filter((pod) => asksAnybody(content, pod) && !mayAskNames(content, pod))
        .map((pod) => ({
          at: pod.owner,
          field: 'egress',
          text: `${programOf(pod)} may not ask the cluster’s DNS`,
        })),
    breaks: [
      {
        what: 'pods that find no name',
        on(content) {
          for (const { object } of content.all('NetworkPolicy')) {
            const spec = object.spec as Fields;
            spec.egress = listAt<{ ports?: { port?: number }[] }>(object, 'spec.egress').filter(
              ({ ports = [] }) => !ports.some(({ port }) => port === 53),
            );
          }
        },
      },
    ],
  },
  {
    id: 'no-open-peers',
    title:
      'a policy names the callers that it admits, except for the way in from outside and the way to the API server',
    remedy: 'name pods, namespaces or ranges of addresses, and the ports',
    judges: (content) => content.all('NetworkPolicy').length,
    find: (content) =>
      content.all('NetworkPolicy').flatMap((placed) =>
        (['ingress', 'egress'] as const).flatMap((direction) =>
          policyOf(placed, direction).allows.flatMap(({ peers, ports = [] }): Finding[] => {
            const place = { at: placed, field: `spec.${direction}` };
            if (ports.length === 0) return [{ ...place, text: 'it opens every port' }];
            if (peers && peers.length > 0) return [];
            const text = `it opens ${ports.map(({ port }) => port).join(', ')} for everybody`;
            return isOpenOnPurpose(content, placed, direction, ports) ? [] : [{ ...place, text }];
          }),
        ),
      ),
    breaks: [
      {
        what: 'a policy for everybody',
        on: (content) => void ((firstPolicyWith(content, 'ingress').object.spec as Fields).ingress = [{}]),
      },
    ],
  },
];

/** The API server and the kubelets run on nodes' own networks, which no label reaches. */
const KUBERNETES_PORTS: ReadonlySet<unknown> = new Set([443, 6443, 10_250]);

function isOpenOnPurpose(
  content: Content,
  policy: Placed,
  direction: 'ingress' | 'egress',
  ports: readonly { readonly port?: number | string }[],
): boolean {
  const pods = content
    .pods()
    .filter((pod) => policiesOf(content, pod, direction).some(({ placed }) => placed === policy));
  return pods.every((pod) =>
    direction === 'egress'
      ? hasRights(pod, content) && ports.every(({ port }) => KUBERNETES_PORTS.has(port))
      : isAskedFromOutside(content, pod),
  );
}

/** A Service with a port on the nodes, or a path of the way in, leads to it. */
function isAskedFromOutside(content: Content, pod: PodTemplate): boolean {
  const behind = content
    .all('Ingress')
    .flatMap(({ object }) => [...JSON.stringify(object).matchAll(/"service":\{"name":"([^"]+)"/g)])
    .map(([, name]) => name);
  return content
    .all('Service')
    .some(
      ({ object }) =>
        object.metadata.namespace === pod.namespace &&
        selects({ matchLabels: at(object, 'spec.selector') as Labels }, pod.labels) &&
        (['NodePort', 'LoadBalancer'].includes(String(at(object, 'spec.type'))) ||
          behind.includes(object.metadata.name)),
    );
}

const asksAnybody = (content: Content, pod: Parameters<typeof mayAskNames>[1]): boolean =>
  policiesOf(content, pod, 'egress').some(({ allows }) => allows.length > 0);

export const NETWORK: readonly Rule[] = [...DECLARED, ...SIDES];
