// Every resource of the synthesized platform as its requests, and what the clouds' descriptions have against them.
import type { Block } from '../blocks.ts';
import { textAt, valueAt } from '../body.ts';
import type { Model } from '../model.ts';
import { buildRequests, type ProviderDefaults } from './build-request.ts';
import { isObject, requestFaults } from './check-request.ts';
import { knownBody } from './known-values.ts';
import type { TypeRule } from './request-rule.ts';
import { REQUEST_RULES, WITHOUT_CLOUD } from './rules/rules.ts';
import { readModels, splitOperation } from './service-model.ts';

/** The resources that ask a cloud for something. */
export const cloudResources = (model: Model): Block[] =>
  model.blocks.filter(({ type }) => /^[a-z]+_/.test(type) && !WITHOUT_CLOUD.test(type));

const models = readModels();

/** Each fault begins with the address of its resource. */
export function resourceFaults(
  model: Model,
  block: Block,
  rules: Readonly<Record<string, TypeRule>> = REQUEST_RULES,
): string[] {
  const rule = rules[block.type];
  if (!rule)
    return [
      `${block.address}: no request is known for ${block.type}: add it to a table in test/infra/requests/rules, and run npm run service-models`,
    ];
  const body = knownBody(model, block);
  const { requests, faults } = buildRequests(
    models,
    rule,
    { type: block.type, body },
    defaultsOf(model, block),
  );
  const found = requests.flatMap(({ operation, request }) => {
    const [service, name] = splitOperation(operation);
    return requestFaults(models[service]!, name, request);
  });
  return [...faults, ...found].map((fault) => `${block.address}: ${fault}`);
}

function defaultsOf(model: Model, { stack, type }: Block): ProviderDefaults {
  const provider = model.at(`${stack}/provider.${type.startsWith('aws_') ? 'aws' : 'google'}.0`)?.body;
  const tags = valueAt(provider, 'default_tags.tags');
  const [region, project] = [textAt(provider, 'region'), textAt(provider, 'project')];
  return {
    ...(region && { region }),
    ...(project && { project }),
    ...(isObject(tags) && { tags: tags as Record<string, string> }),
  };
}
