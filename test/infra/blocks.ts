// The blocks of the synthesized stacks, each with the name that Terraform calls it by.
import type { StackName } from '../../stacks/platform.ts';
import type { PlatformJson } from './synth.ts';

/** One block of Terraform's JSON. Specs that prove a rule may change its body. */
export interface Block {
  readonly stack: StackName;
  /** `aws_s3_bucket`, `data.aws_iam_policy_document`, `ephemeral.…`; `output`, `provider.aws` and `terraform` as well. */
  readonly type: string;
  readonly name: string;
  /** `aws/aws_s3_bucket.raw`: as Terraform writes it, after the stack. */
  readonly address: string;
  readonly body: Record<string, unknown>;
}

/** Every resource, data source, ephemeral resource, output, provider and `terraform` block. */
export function blocksOf(json: PlatformJson): Block[] {
  return Object.entries(json).flatMap(([name, stackJson]) => {
    const stack = name as StackName;
    const block = (type: string, name: string, body: unknown, address = `${type}.${name}`): Block => ({
      stack,
      type,
      name,
      address: `${stack}/${address}`,
      body: body as Record<string, unknown>,
    });
    const typed = (section: string, prefix: string) =>
      Object.entries((stackJson[section] ?? {}) as Record<string, object>).flatMap(([type, named]) =>
        Object.entries(named).map(([name, body]) => block(`${prefix}${type}`, name, body)),
      );
    return [
      ...typed('resource', ''),
      ...typed('data', 'data.'),
      ...typed('ephemeral', 'ephemeral.'),
      ...Object.entries(stackJson.output ?? {}).map(([name, body]) => block('output', name, body)),
      ...Object.entries(stackJson.provider ?? {}).flatMap(([kind, bodies]) =>
        bodies.map((body, at) => block(`provider.${kind}`, String(at), body)),
      ),
      block('terraform', 'settings', stackJson.terraform, 'terraform'),
    ];
  });
}
