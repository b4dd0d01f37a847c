// A stack as `terraform test` can plan it without a cloud: its providers mocked, other stacks' outputs given, and what mocks cannot
// do taken out or put in.
import { basename } from 'node:path';
import type { Body, StackJson } from '../infra/synth.ts';

/** What the clouds and other stacks would answer. */
export interface Answers {
  /**
   * The attributes that a cloud sets, by type (`aws_vpc`) or for one resource (`aws_vpc.network`).
   * @default text of eight letters, 0, false, no elements
   */
  readonly attributes?: Readonly<Record<string, Body>>;
  /** By name of the stack that hands them on. */
  readonly outputs?: Readonly<Record<string, Body>>;
  /**
   * Blocks that are not configured and the cloud fills, with their number: `{ google_compute_ha_vpn_gateway: { vpn_interfaces: 2 } }`.
   * Terraform makes up attributes of blocks, not blocks.
   */
  readonly blocks?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** The two files that `terraform test` is run over. */
export interface MockedStack {
  readonly stack: StackJson;
  readonly testFile: object;
}

export function mockedStack(stack: StackJson, answers: Answers): MockedStack {
  return {
    stack: withDataOutputs(withBlocks(withoutEphemeral(stack), answers.blocks ?? {})),
    testFile: testFileOf(stack, answers),
  };
}

/** One run, which plans. What providers else would make up after the change, mocks make up at once. */
function testFileOf(stack: StackJson, { attributes = {}, outputs = {} }: Answers): object {
  const defaults = (label: string, section: object = {}) => {
    const types = Object.keys(section).filter((type) => type !== REMOTE_STATE);
    // Terraform takes no empty section, and makes up at once only what a mock names.
    if (types.length === 0) return {};
    return { [label]: Object.fromEntries(types.map((type) => [type, { defaults: attributes[type] ?? {} }])) };
  };
  const mock = {
    override_during: 'plan',
    ...defaults('mock_resource', stack.resource),
    ...defaults('mock_data', stack.data),
  };
  const single = Object.entries(attributes).filter(([key]) => key.includes('.'));
  return {
    mock_provider: Object.fromEntries(Object.keys(stack.provider ?? {}).map((name) => [name, mock])),
    override_resource: single.map(([target, values]) => ({ target, values, override_during: 'plan' })),
    override_data: Object.entries(stack.data?.[REMOTE_STATE] ?? {}).map(([name, state]) => ({
      target: `data.${REMOTE_STATE}.${name}`,
      values: { outputs: outputs[stackOf(state)] ?? {} },
    })),
    run: { plan: { command: 'plan' } },
  };
}

const REMOTE_STATE = 'terraform_remote_state';

/** The key of its state names the stack: `dev/aws.tfstate`. */
const stackOf = ({ config }: Body): string => basename((config as { key: string }).key, '.tfstate');

/** Mocks know no ephemeral values (HashiCorp, "Tests: mocks"); nothing that a plan shows can depend on one. */
function withoutEphemeral(stack: StackJson): StackJson {
  const { ephemeral: _ephemeral, ...kept } = stack;
  return JSON.parse(
    JSON.stringify(kept, (_key, value: unknown) =>
      typeof value === 'string' && /\$\{.*\bephemeral\./.test(value) ? undefined : value,
    ),
  ) as StackJson;
}

type Changing = Record<string, Record<string, Record<string, unknown>>>;

function withBlocks(stack: StackJson, blocks: NonNullable<Answers['blocks']>): StackJson {
  const resource = structuredClone(stack.resource ?? {}) as Changing;
  for (const [type, counts] of Object.entries(blocks))
    for (const body of Object.values(resource[type] ?? {}))
      for (const [block, count] of Object.entries(counts))
        body[block] ??= Array.from({ length: count }, () => ({}));
  return stack.resource ? { ...stack, resource } : stack;
}

/** The printed plan has the resources and the outputs, and no data source: so each becomes an output. */
function withDataOutputs(stack: StackJson): StackJson {
  const observed = dataSourcesOf(stack).map(({ type, name }): [string, Body] => [
    dataOutput(type, name),
    { value: `\${data.${type}.${name}}`, sensitive: true },
  ]);
  // Terraform takes no empty section.
  if (observed.length === 0) return stack;
  return { ...stack, output: { ...stack.output, ...Object.fromEntries(observed) } };
}

export const dataOutput = (type: string, name: string): string => `observed-${type}-${name}`;

/** Without other stacks' states. */
export const dataSourcesOf = ({ data = {} }: StackJson): { readonly type: string; readonly name: string }[] =>
  Object.entries(data).flatMap(([type, bodies]) =>
    type === REMOTE_STATE ? [] : Object.keys(bodies).map((name) => ({ type, name })),
  );
