// A resource as the requests that its provider sends, built from the names in the clouds' descriptions.
import type { Block } from '../blocks.ts';
import { isObject, isScalar, isUnknown } from './check-request.ts';
import type { RequestRule, TypeRule } from './request-rule.ts';
import { type ServiceModel, shapeOf, splitOperation } from './service-model.ts';

/** What a provider adds to every resource. */
export interface ProviderDefaults {
  readonly region?: string;
  readonly project?: string;
  readonly tags?: Readonly<Record<string, string>>;
}
export interface BuiltRequest {
  /** `eks.CreateCluster` */
  readonly operation: string;
  readonly request: Record<string, unknown>;
}
export interface Built {
  readonly requests: readonly BuiltRequest[];
  /** Arguments that found no place, and names of the tables that the descriptions do not have. */
  readonly faults: readonly string[];
}
type Models = Readonly<Record<string, ServiceModel>>;
type Body = Readonly<Record<string, unknown>>;

/** Terraform's own arguments, which no provider sends. */
const META = new Set(['depends_on', 'lifecycle', 'provider', 'count', 'for_each', 'timeouts']);
/** Where the request goes: most hold it in their address only. */
const PLACES = new Set(['region', 'project']);

/** Builds every request of a resource; `body` is the block's with what is known put in. */
export function buildRequests(
  models: Models,
  rule: TypeRule,
  block: Pick<Block, 'type'> & { readonly body: Body },
  defaults: ProviderDefaults,
): Built {
  const written = Object.entries(block.body).filter(([name, value]) => !META.has(name) && value !== null);
  const plain = Object.fromEntries(written);
  const body = rule.reform?.(plain) ?? plain;
  const sent = rule.requests.filter(({ when }) => when?.some((name) => body[name] !== undefined) ?? true);
  const unsent = new Set(Object.keys(rule.unsent ?? {}));
  const builders = sent.map((one) => new RequestBuilder(models, one, block.type, unsent));
  for (const builder of builders) {
    builder.placeAll(body);
    builder.addGiven(body, defaults);
  }
  if (defaults.tags && !builders[0]?.placed.has('tags')) builders[0]?.tryPlace('tags', defaults.tags);
  const isPlaced = (name: string) => builders.some(({ placed }) => placed.has(name));
  const lost = Object.keys(body).filter((name) => !PLACES.has(name) && !isPlaced(name) && !unsent.has(name));
  return {
    requests: builders.map(({ operation, request }) => ({ operation, request })),
    faults: [
      ...lost.map(
        (name) =>
          `${name} is in no request of ${block.type}: say in test/infra/requests/rules where it goes, or why it is not sent`,
      ),
      ...builders.flatMap(({ faults }) => faults),
    ],
  };
}

class RequestBuilder {
  readonly operation: string;
  readonly request: Record<string, unknown> = {};
  readonly placed = new Set<string>();
  readonly faults: string[] = [];
  readonly #model: ServiceModel;
  readonly #input: string;
  readonly #rule: RequestRule;
  readonly #type: string;
  readonly #unsent: ReadonlySet<string>;

  constructor(models: Models, rule: RequestRule, type: string, unsent: ReadonlySet<string>) {
    const [service, name] = splitOperation(rule.operation);
    const model = models[service];
    const input = model?.operations[name];
    if (!model || !input)
      throw new Error(`${rule.operation} is in no service model: run npm run service-models, and commit it`);
    this.operation = rule.operation;
    this.#model = model;
    this.#input = input;
    this.#rule = rule;
    this.#type = type;
    this.#unsent = unsent;
  }

  placeAll(body: Body): void {
    for (const [name, value] of Object.entries(body)) this.tryPlace(name, value);
  }

  /** The first level may find its place in another request of the same resource. */
  tryPlace(name: string, value: unknown): void {
    const at =
      this.#rule.names?.[name] ?? (this.#unsent.has(name) ? undefined : this.#memberFor(this.#input, name));
    if (at === undefined) return;
    this.placed.add(name);
    this.#place(this.request, this.#input, at, value, name);
  }

  addGiven(body: Body, defaults: ProviderDefaults): void {
    for (const [at, value] of Object.entries(this.#rule.given ?? {})) {
      const filled =
        typeof value === 'string'
          ? value.replace(/(?<!\$)\{(\w+)\}/g, (_whole, name: string) => {
              this.placed.add(name);
              const found = body[name] ?? defaults[name as 'region' | 'project'];
              return isScalar(found) ? String(found) : `\${${name}}`;
            })
          : value;
      this.#put(this.request, this.#input, at.split('.'), filled, at);
    }
  }

  #place(target: Record<string, unknown>, shape: string, at: string, value: unknown, path: string): void {
    if (at === '') this.#placeBlock(target, shape, value, path);
    else if (at.startsWith('/')) this.#put(this.request, this.#input, at.slice(1).split('.'), value, path);
    else this.#put(target, shape, at.split('.'), value, path);
  }

  #placeBlock(target: Record<string, unknown>, shape: string, value: unknown, path: string): void {
    const block = Array.isArray(value) ? (value.length <= 1 ? (value[0] ?? {}) : undefined) : value;
    if (!isObject(block)) {
      this.faults.push(`${path} of ${this.#type} is no single block, and ${shape} is one structure`);
      return;
    }
    for (const [name, one] of Object.entries(block)) {
      if (one === null) continue;
      const inner = `${path}.${name}`;
      const at = this.#rule.names?.[inner] ?? this.#memberFor(shape, name);
      if (at === undefined) this.faults.push(`${inner} of ${this.#type} has no place in ${shape}`);
      else this.#place(target, shape, at, one, inner);
    }
    const form = shapeOf(this.#model, shape);
    if (form.type === 'structure' && 'Quantity' in form.members && Array.isArray(target.Items))
      target.Quantity ??= target.Items.length;
  }

  #put(
    target: Record<string, unknown>,
    shapeName: string,
    [name, ...rest]: readonly string[],
    value: unknown,
    path: string,
  ): void {
    const shape = shapeOf(this.#model, shapeName);
    const inner =
      shape.type === 'structure' ? shape.members[name!] : shape.type === 'map' ? shape.value : undefined;
    if (!inner) {
      this.faults.push(`${path} of ${this.#type} is put at ${name}, which ${shapeName} does not have`);
      return;
    }
    if (rest.length === 0) {
      const made = this.#converted(value, inner, path);
      target[name!] =
        isObject(made) && isObject(target[name!]) ? { ...(target[name!] as object), ...made } : made;
      return;
    }
    // A way through a list means its first element.
    const innerShape = shapeOf(this.#model, inner);
    if (innerShape.type === 'list') {
      const list = (target[name!] ??= [{}]) as Record<string, unknown>[];
      this.#put(list[0]!, innerShape.member, rest, value, path);
    } else this.#put((target[name!] ??= {}) as Record<string, unknown>, inner, rest, value, path);
  }

  #converted(value: unknown, shapeName: string, path: string): unknown {
    if (isUnknown(value)) return value;
    const shape = shapeOf(this.#model, shapeName);
    if (shape.type === 'structure') {
      const made: Record<string, unknown> = {};
      if (this.#isListInside(shape.members, value)) {
        const items = this.#converted(value, shape.members.Items!, path) as unknown[];
        if ('Quantity' in shape.members) made.Quantity = items.length;
        if (items.length > 0) made.Items = items;
      } else if (!isObject(value) && !Array.isArray(value) && this.#rule.names?.[`${path}.*`])
        this.#put(made, shapeName, this.#rule.names[`${path}.*`]!.split('.'), value, path);
      else this.#placeBlock(made, shapeName, value, path);
      return made;
    }
    if (shape.type === 'list') return this.#listOf(value, shape.member, path);
    if (shape.type === 'map' && isObject(value))
      return Object.fromEntries(
        Object.entries(value).map(([key, one]) => [key, this.#converted(one, shape.value, `${path}.${key}`)]),
      );
    return value;
  }

  /** CloudFront puts lists into structures that count them. */
  #isListInside(members: Readonly<Record<string, string>>, value: unknown): boolean {
    if (!('Items' in members)) return false;
    return !isObject(value) || (Object.keys(members).length === 1 && !('items' in value));
  }

  /** A map of Terraform may be a list of pairs at the cloud: tags, dimensions. */
  #listOf(value: unknown, member: string, path: string): unknown[] {
    const pair = isObject(value) ? this.#pairOf(member, Object.keys(value)) : undefined;
    if (pair) return Object.entries(value as Body).map(([key, one]) => ({ [pair[0]]: key, [pair[1]]: one }));
    return [value].flat().map((one) => this.#converted(one, member, path));
  }

  #pairOf(shapeName: string, keys: readonly string[]): readonly [string, string] | undefined {
    const shape = shapeOf(this.#model, shapeName);
    if (shape.type !== 'structure') return undefined;
    const members = Object.keys(shape.members);
    const value = members.find((name) => /^(tag)?value$/i.test(name));
    const key = members.find((name) => /^((tag)?key|name)$/i.test(name));
    const isBlock = keys.length > 0 && keys.every((name) => this.#memberFor(shapeName, name) !== undefined);
    return key && value && !isBlock ? [key, value] : undefined;
  }

  /** The member that is called like the argument, be it in the plural or as a `…List`. */
  #memberFor(shapeName: string, argument: string): string | undefined {
    const shape = shapeOf(this.#model, shapeName);
    if (shape.type !== 'structure') return undefined;
    const plain = (name: string) => name.replaceAll(/[@_-]/g, '').toLowerCase();
    const wanted = plain(argument);
    for (const form of [wanted, `${wanted}s`, wanted.replace(/s$/, ''), `${wanted.replace(/s$/, '')}list`]) {
      const found = Object.keys(shape.members).find((name) => plain(name) === form);
      if (found) return found;
    }
    return argument === 'tags' && 'TagSpecifications' in shape.members ? 'TagSpecifications.Tags' : undefined;
  }
}
