// Where a rule does not hold, and why. A waiver that excuses nothing fails, and so does a fault without a waiver.
import type { Fault } from './rule.ts';

export interface Waiver {
  /** Its id. */
  readonly rule: string;
  /** Of the object, `Deployment shop/cart`. */
  readonly object: RegExp;
  /** Within the object. @default wherever it is */
  readonly field?: RegExp;
  /** @default every overlay */
  readonly overlays?: RegExp;
  readonly reason: string;
}

export const WAIVERS: readonly Waiver[] = [
  {
    rule: 'namespace-bounds',
    object: /^Namespace argocd$/,
    reason:
      'ArgoCD’s own chart fills it before anything here is synced: bounds would have to be raised with each of its releases.',
  },
  {
    rule: 'namespace-restricted',
    object: /^Namespace node-agents$/,
    reason: 'A program that reads the figures of a node mounts its folders; nothing else runs there.',
  },
  {
    rule: 'no-open-peers',
    object: /^NetworkPolicy observability\/prometheus$/,
    field: /^spec\.egress$/,
    reason:
      'It reads every program with metrics in the namespaces that it names, each on its own port, and each program opens that port alone.',
  },
  {
    rule: 'no-secret-setting',
    object: /^ConfigMap shop\/product-settings$/,
    field: /^data\.AWS_SECRET_ACCESS_KEY$/,
    overlays: /^local$/,
    reason:
      'The client of S3 must sign with something, and a laptop’s stand-in checks no signature: the word `local` opens nothing.',
  },
];

const excuses = ({ rule, object, field = /./, overlays = /./ }: Waiver, fault: Fault): boolean =>
  rule === fault.rule && object.test(fault.object) && field.test(fault.field) && overlays.test(fault.overlay);

export const unwaived = (faults: readonly Fault[], waivers = WAIVERS): Fault[] =>
  faults.filter((fault) => !waivers.some((waiver) => excuses(waiver, fault)));

export const staleWaivers = (faults: readonly Fault[], waivers = WAIVERS): Waiver[] =>
  waivers.filter((waiver) => waiver.reason.length < 20 || !faults.some((fault) => excuses(waiver, fault)));
