// What a cloud's own description of its API says of the requests that our resources become. `models/` holds the parts that we use,
// taken from the published packages by `npm run service-models`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The form of one value. Names of other shapes lead to `ServiceModel.shapes`, or are one of `BASIC_SHAPES`. */
export type Shape =
  | {
      readonly type: 'structure';
      readonly members: Readonly<Record<string, string>>;
      readonly required?: readonly string[];
      /** Exactly one member may be set. */
      readonly isUnion?: true;
      /** Only the cloud fills these. */
      readonly outputOnly?: readonly string[];
    }
  | { readonly type: 'list'; readonly member: string; readonly min?: number; readonly max?: number }
  | {
      readonly type: 'map';
      readonly key: string;
      readonly value: string;
      readonly min?: number;
      readonly max?: number;
    }
  | {
      readonly type: 'string';
      readonly enum?: readonly string[];
      readonly pattern?: string;
      /** Of the length. */
      readonly min?: number;
      readonly max?: number;
    }
  | { readonly type: 'integer' | 'number'; readonly min?: number; readonly max?: number }
  | { readonly type: 'boolean' | 'any' };

/** Part of one service's description. */
export interface ServiceModel {
  /** Package, version and file that it was taken from. */
  readonly source: string;
  /** Name of the operation to the shape of its request. */
  readonly operations: Readonly<Record<string, string>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** Shapes that ask nothing but a kind of value. */
export const BASIC_SHAPES: Readonly<Record<string, Shape>> = {
  string: { type: 'string' },
  integer: { type: 'integer' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  any: { type: 'any' },
};

export const MODELS_FOLDER = join(import.meta.dirname, 'models');

/** All models by service: `eks`, `google/compute.v1`. */
export function readModels(folder = MODELS_FOLDER): Readonly<Record<string, ServiceModel>> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.json'),
  );
  return Object.fromEntries(
    files.map((file) => [
      file.replaceAll('\\', '/').replace(/^aws\/|\.json$/g, ''),
      JSON.parse(readFileSync(join(folder, file), 'utf8')) as ServiceModel,
    ]),
  );
}

/** @throws Error when the model names a shape that it does not hold */
export function shapeOf(model: ServiceModel, name: string): Shape {
  const shape = BASIC_SHAPES[name] ?? model.shapes[name];
  if (!shape) throw new Error(`${model.source} has no shape ${name}`);
  return shape;
}

/** `eks.CreateCluster` as service and operation; `google/run.v2.projects.locations.workerPools.create` too. */
export function splitOperation(operation: string): readonly [service: string, name: string] {
  const found = /^(google\/[a-z]+\.v\d\w*|[a-z0-9-]+)\.(.+)$/.exec(operation);
  if (!found) throw new Error(`${operation} names no service and operation`);
  return [found[1]!, found[2]!];
}
