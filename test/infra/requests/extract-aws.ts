// The part of a botocore service description that some operations need, in our own short form.
import { patternOf } from './check-request.ts';
import type { ServiceModel, Shape } from './service-model.ts';

interface Member {
  readonly shape: string;
  readonly idempotencyToken?: boolean;
}
/** As botocore's `service-2.json` writes it (botocore, "loaders"). */
interface Description {
  readonly operations: Readonly<Record<string, { readonly input?: Member }>>;
  readonly shapes: Readonly<Record<string, Described>>;
}
interface Described {
  readonly type: string;
  readonly members?: Readonly<Record<string, Member>>;
  readonly required?: readonly string[];
  readonly union?: boolean;
  readonly member?: Member;
  readonly key?: Member;
  readonly value?: Member;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
}

/** @throws Error when the service has no such operation */
export function extractAws(
  description: Description,
  operations: readonly string[],
  source: string,
): ServiceModel {
  const shapes: Record<string, Shape> = {};
  const named = (name: string): string => {
    const described = description.shapes[name];
    if (!described) throw new Error(`${source} has no shape ${name}`);
    const basic = basicName(described);
    if (basic) return basic;
    if (!(name in shapes)) {
      // Shapes may hold themselves (WAF's statements): the name is taken first.
      shapes[name] = { type: 'any' };
      shapes[name] = shortForm(described, ({ shape }) => named(shape));
    }
    return name;
  };
  const inputs = operations.map((operation) => {
    const input = description.operations[operation]?.input;
    if (!input) throw new Error(`${source} has no operation ${operation} with a request`);
    return [operation, named(input.shape)] as const;
  });
  return { source, operations: Object.fromEntries(inputs), shapes };
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'string',
  character: 'string',
  blob: 'string',
  timestamp: 'string',
  integer: 'integer',
  long: 'integer',
  float: 'number',
  double: 'number',
  boolean: 'boolean',
};

/** Bounds of a blob count bytes, which Terraform may give in another form. */
const basicName = ({ type, enum: allowed, pattern, min, max }: Described): string | undefined => {
  const isFree = allowed ?? pattern ?? min ?? max;
  return isFree === undefined || type === 'blob' || type === 'boolean' ? KINDS[type] : undefined;
};

function shortForm(described: Described, named: (member: Member) => string): Shape {
  const { type, enum: allowed, pattern, min, max } = described;
  const bounds = { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
  if (type === 'structure') {
    const members = Object.entries(described.members ?? {});
    const required = (described.required ?? []).filter(
      (name) => !described.members?.[name]?.idempotencyToken,
    );
    return {
      type,
      members: Object.fromEntries(members.map(([name, member]) => [name, named(member)])),
      ...(required.length > 0 && { required }),
      ...(described.union && { isUnion: true as const }),
    };
  }
  if (type === 'list') return { type, member: named(described.member!), ...bounds };
  if (type === 'map') return { type, key: named(described.key!), value: named(described.value!), ...bounds };
  const kind = KINDS[type];
  if (kind === 'string') {
    if (pattern) patternOf(pattern);
    return { type: kind, ...(allowed && { enum: allowed }), ...(pattern && { pattern }), ...bounds };
  }
  if (kind === 'integer' || kind === 'number') return { type: kind, ...bounds };
  throw new Error(`a shape is of the unknown type ${type}`);
}
