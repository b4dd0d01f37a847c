// A block's body with every reference put in that leads to something written down, through other stacks' outputs as well. What only
// a cloud knows stays `${…}`.
import type { Block } from '../blocks.ts';
import type { Model } from '../model.ts';
import { isObject, isScalar } from './check-request.ts';

const REFERENCE = /\$\{((?:aws|google|data\.terraform_remote_state)[\w.-]*(?:\[\d+\][\w.-]*)*)\}/g;
const DEPTH_MAX = 8;

export const knownBody = (model: Model, { stack, body }: Block): Record<string, unknown> =>
  known(model, stack, body, 0) as Record<string, unknown>;

function known(model: Model, stack: Block['stack'], value: unknown, depth: number): unknown {
  if (typeof value === 'string')
    return value.replaceAll(REFERENCE, (whole, path: string) => {
      const found = depth < DEPTH_MAX ? looked(model, stack, path, depth) : undefined;
      return found === undefined ? whole : String(found);
    });
  if (Array.isArray(value)) return value.map((one) => known(model, stack, one, depth));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, known(model, stack, one, depth)]),
  );
}

function looked(
  model: Model,
  stack: Block['stack'],
  path: string,
  depth: number,
): string | number | boolean | undefined {
  const remote = /^data\.terraform_remote_state\.([\w-]+)\.outputs\.([\w-]+)$/.exec(path);
  if (remote) {
    const output = model.outputOf(stack, remote[1]!, remote[2]!);
    return output && scalar(known(model, output.stack, output.body.value, depth + 1));
  }
  const own = /^((?:aws|google)_\w+)\.([\w-]+)\.(\w+)$/.exec(path);
  const target = own && model.at(`${stack}/${own[1]}.${own[2]}`);
  return target ? scalar(known(model, stack, target.body[own[3]!], depth + 1)) : undefined;
}

const scalar = (value: unknown): string | number | boolean | undefined =>
  isScalar(value) ? value : undefined;
