// Which image of Amazon Linux 2023 fits the instance types of a node group.

export type AmiType = 'AL2023_ARM_64_STANDARD' | 'AL2023_x86_64_STANDARD';

/**
 * Graviton families: the letter `g` follows the generation (`c7g`, `m6gd`, `im4gn`, `t4g`), and `a1` (AWS, "Amazon EC2 instance type
 * naming conventions"). A `g` before it means a graphics processor (`g5`).
 */
const GRAVITON = /^(?:a1|[a-z]+\d+g[a-z]*)\./;

/** @throws RangeError when the types are of both architectures: a node group has one image */
export function amiTypeOf(instanceTypes: readonly string[]): AmiType {
  const arm = instanceTypes.filter((type) => GRAVITON.test(type));
  if (arm.length === 0) return 'AL2023_x86_64_STANDARD';
  if (arm.length === instanceTypes.length) return 'AL2023_ARM_64_STANDARD';
  throw new RangeError(
    `${instanceTypes.join(', ')}: only ${arm.join(', ')} are Graviton; a group needs one kind`,
  );
}
