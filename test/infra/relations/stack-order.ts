// Which stack reads which other's outputs.
import { STACKS, type StackName } from '../../../stacks/platform.ts';
import { textAt } from '../body.ts';
import type { Model } from '../model.ts';

export interface Crossing {
  readonly reader: StackName;
  /** Whose outputs it reads; nothing when no stack keeps its state there. */
  readonly source: StackName | undefined;
}

/** Every remote state that a stack reads, by the place of that state. */
export function crossings(model: Model): Crossing[] {
  const states = model
    .all('terraform')
    .map(({ stack, body }) => ({ stack, place: placeOf(body, 'backend.s3') }));
  return model.all('data.terraform_remote_state').map(({ stack, body }) => ({
    reader: stack,
    source: states.find(({ place }) => place === placeOf(body, 'config'))?.stack,
  }));
}

const placeOf = (body: unknown, path: string): string =>
  ['bucket', 'key', 'region'].map((name) => textAt(body, `${path}.${name}`)).join('/');

/** A stack may read only what was deployed before it, and the clouds know nothing of each other. */
export function orderFaults(found: readonly Crossing[]): string[] {
  return found.flatMap(({ reader, source }) => {
    if (!source) return [`${reader} reads a state that no stack keeps`];
    if (STACKS.indexOf(source) >= STACKS.indexOf(reader))
      return [`${reader} reads ${source}, which comes later`];
    const clouds = ['aws', 'gcp'];
    return clouds.includes(reader) && clouds.includes(source)
      ? [`${reader} reads ${source}: link joins them`]
      : [];
  });
}
