// The synthesized platform as one list of blocks that can be asked what refers to what, from stack to stack too.
import type { StackName } from '../../stacks/platform.ts';
import type { Settings } from '../../stacks/settings.ts';
import { type Block, blocksOf } from './blocks.ts';
import { leavesOf, listAt, valueAt } from './body.ts';
import { type Statement, statementOf } from './statements.ts';
import type { PlatformJson } from './synth.ts';

/** A value of another block that an expression refers to. */
export interface Reference {
  /** Address of the block, be it there or not. */
  readonly address: string;
  /** Such as `arn` or `endpoint[0].dns_name`; empty for the whole block, as in `depends_on`. */
  readonly attribute: string;
}

const BLOCK_REFERENCE =
  /(?<![\w.])((?:data\.|ephemeral\.)?(?:aws|google|random|tls|time|helm|kubernetes|terraform)_\w+)\.([A-Za-z_][\w-]*)((?:\[[^\]]*\]|\.\w+)*)/g;
const REMOTE_OUTPUT = /data\.terraform_remote_state\.([\w-]+)\.outputs\.([\w-]+)/g;
export const POLICY_DOCUMENT = 'data.aws_iam_policy_document';

export class Model {
  readonly json: PlatformJson;
  readonly settings: Settings;
  readonly blocks: readonly Block[];
  readonly #byAddress: ReadonlyMap<string, Block>;
  readonly #byType: ReadonlyMap<string, readonly Block[]>;
  readonly #references = new Map<Block, readonly Reference[]>();
  /** The values at the paths of a block that was asked for. */
  readonly #targets = new Map<Block, Map<string, readonly Block[]>>();

  constructor(json: PlatformJson, settings: Settings) {
    this.json = json;
    this.settings = settings;
    this.blocks = blocksOf(json);
    this.#byAddress = new Map(this.blocks.map((block) => [block.address, block]));
    this.#byType = Map.groupBy(this.blocks, ({ type }) => type);
  }

  all(...types: readonly string[]): Block[] {
    const [type = '', ...others] = types;
    if (others.length === 0) return [...(this.#byType.get(type) ?? [])];
    return this.blocks.filter((block) => types.includes(block.type));
  }

  at(address: string): Block | undefined {
    return this.#byAddress.get(address);
  }

  /** Everything that the block refers to; an output of another stack counts as what that output refers to. */
  referencesOf(block: Block): readonly Reference[] {
    let found = this.#references.get(block);
    if (!found) {
      found = this.referencesIn(block.stack, block.body);
      this.#references.set(block, found);
    }
    return found;
  }

  /** The same for a part of a block of that stack. */
  referencesIn(stack: StackName, value: unknown): Reference[] {
    return leavesOf(value).flatMap(({ key, text }) => {
      if (!isExpression(key, text)) return [];
      const own = [...text.matchAll(BLOCK_REFERENCE)]
        .map(([, type, name, path = '']) => ({
          address: `${stack}/${type}.${name}`,
          attribute: path.replace(/^(\[[^\]]*\])?\./, ''),
        }))
        .filter(({ address }) => !address.includes('/data.terraform_remote_state.'));
      const others = [...text.matchAll(REMOTE_OUTPUT)].flatMap(([, state, output]) => {
        const target = this.outputOf(stack, state!, output!);
        return target ? this.referencesIn(target.stack, target.body) : [];
      });
      return [...own, ...others];
    });
  }

  /** Expressions of the block that lead nowhere: to no block of the stack, or to no output of the other. */
  danglingOf({ stack, body }: Block): string[] {
    return leavesOf(body).flatMap(({ key, text }) => {
      if (!isExpression(key, text)) return [];
      const own = [...text.matchAll(BLOCK_REFERENCE)].map(([, type, name]) => `${stack}/${type}.${name}`);
      const others = [...text.matchAll(REMOTE_OUTPUT)].filter(
        ([, state, output]) => !this.outputOf(stack, state!, output!),
      );
      return [...own.filter((address) => !this.at(address)), ...others.map(([whole]) => whole)];
    });
  }

  /** The output that a remote state's reader reads: the state is found by its place. */
  outputOf(stack: StackName, state: string, output: string): Block | undefined {
    const key = valueAt(this.at(`${stack}/data.terraform_remote_state.${state}`)?.body, 'config.key');
    const source = this.all('terraform').find(({ body }) => valueAt(body, 'backend.s3.key') === key);
    return source && key ? this.at(`${source.stack}/output.${output}`) : undefined;
  }

  /** The blocks of a type that are at a path of this block. */
  targets(block: Block, path: string, type: string): Block[] {
    return this.#targetsAt(block, path).filter((one) => one.type === type);
  }

  /** Looked up once: rules ask every block for what is in every other. */
  #targetsAt(block: Block, path: string): readonly Block[] {
    const known = this.#targets.get(block) ?? new Map<string, readonly Block[]>();
    this.#targets.set(block, known);
    let found = known.get(path);
    if (!found) {
      const references = this.referencesIn(block.stack, listAt(block.body, path));
      found = [...new Set(references.flatMap(({ address }) => this.at(address) ?? []))];
      known.set(path, found);
    }
    return found;
  }

  /** The blocks of a type, in whichever stack, that name this block at a path. */
  companions(block: Block, type: string, path: string): Block[] {
    return this.all(type).filter((one) => this.targets(one, path, block.type).includes(block));
  }

  /** The statements that are at a path, taken from the policy documents which are named there. */
  statementsAt(block: Block, path: string): Statement[] {
    return this.targets(block, path, POLICY_DOCUMENT).flatMap((document) => this.statementsOf(document));
  }

  /** Of a policy document, with those that it takes from others. */
  statementsOf(document: Block): Statement[] {
    const parts = ['source_policy_documents', 'override_policy_documents'];
    return [
      ...listAt(document.body, 'statement').map(statementOf),
      ...parts.flatMap((path) => this.statementsAt(document, path)),
    ];
  }

  /** Takes a block out, for the proof of a rule. The model itself is then stale. */
  remove({ stack, type, name }: Block): void {
    const [, section = 'resource', kind = type] = /^(data|ephemeral)\.(.+)$/.exec(type) ?? [];
    const blocks = this.json[stack][section] as Record<string, Record<string, unknown>>;
    delete blocks[kind]?.[name];
  }

  /** Puts a resource in, for the proof of a rule. */
  add(stack: StackName, type: string, name: string, body: Record<string, unknown>): void {
    const resources = this.json[stack].resource as Record<string, Record<string, unknown>>;
    (resources[type] ??= {})[name] = body;
  }
}

/** Terraform reads some lists as expressions without a `${`. */
const isExpression = (key: string, text: string): boolean =>
  text.includes('${') || key === 'depends_on' || key === 'replace_triggered_by';
