// The plan that Terraform makes for a stack while nothing exists: its references and functions are evaluated by Terraform itself, and
// what only a cloud knows (ids, addresses) is made up, or given by the spec.
import { AppError } from '#runtime/errors.ts';
import type { Body, StackJson } from '../infra/synth.ts';
import type { Terraform } from './find-terraform.ts';
import { type Answers, dataOutput, dataSourcesOf, mockedStack } from './mocked-stack.ts';
import { type Diagnostic, faultsOf, type Providers, test } from './terraform-run.ts';

/** Every value as Terraform evaluated it. */
export interface Plan {
  /** Resources of that type, in the order of their addresses. */
  ofType(type: string): readonly Body[];
  /** Data sources of that type, in the order of the stack. */
  dataOfType(type: string): readonly Body[];
  /** The sensitive ones too. */
  readonly outputs: Body;
}

/** @throws AppError `plan-failed` with all that Terraform objects to */
export async function planOf(
  terraform: Terraform,
  providers: Providers,
  stack: StackJson,
  answers: Answers = {},
): Promise<Plan> {
  const lines = (await test(terraform, providers, mockedStack(stack, answers))) as Line[];
  const faults = faultsOf(lines.flatMap(({ diagnostic }) => diagnostic ?? []));
  const planned = lines.find(({ test_plan: plan }) => plan)?.test_plan;
  if (faults.length > 0 || !planned)
    throw new AppError('plan-failed', faults.join('\n') || 'terraform test printed no plan');
  return read(planned, stack);
}

/** A line of `terraform test -json -verbose`, as far as it is read here. */
interface Line {
  readonly diagnostic?: Diagnostic;
  readonly test_plan?: {
    readonly resource_changes?: readonly Change[];
    readonly output_changes?: Readonly<Record<string, { readonly after?: unknown }>>;
  };
}
interface Change {
  readonly mode: 'managed' | 'data';
  readonly type: string;
  readonly change: { readonly after: Body | null };
}

function read(
  { resource_changes = [], output_changes = {} }: NonNullable<Line['test_plan']>,
  stack: StackJson,
): Plan {
  const outputs = Object.fromEntries(
    Object.entries(output_changes).map(([name, { after }]) => [name, after]),
  );
  return {
    ofType: (wanted) =>
      resource_changes
        .filter(({ mode, type }) => mode === 'managed' && type === wanted)
        .map(({ change }) => change.after ?? {}),
    dataOfType: (wanted) =>
      dataSourcesOf(stack)
        .filter(({ type }) => type === wanted)
        .map(({ type, name }) => outputs[dataOutput(type, name)] as Body),
    outputs,
  };
}
