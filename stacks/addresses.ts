// Address ranges: which overlap, and how a range is divided. Numbers, not Terraform functions: a reviewer reads them in the plan.
import { Address4 } from 'ip-address';

/** Google's DNS forwarders ask from here; the range must be routed and allowed (Cloud DNS, "Forwarding zones"). */
export const GOOGLE_DNS_RANGE = '35.199.192.0/19';

/** Two sets of addresses with one in common. */
export function overlaps(one: string, other: string): boolean {
  const [a, b] = [new Address4(one), new Address4(other)];
  return a.isInSubnet(b) || b.isInSubnet(a);
}

/**
 * The `index`-th part of a range, when it is divided into parts of that prefix length: `subnet('10.0.0.0/16', 20, 1)` is
 * `10.0.16.0/20`.
 * @throws RangeError when the range has no such part
 */
export function subnet(range: string, prefixLength: number, index: number): string {
  const whole = new Address4(range);
  const count = 2 ** (prefixLength - whole.subnetMask);
  if (!(index >= 0 && index < count))
    throw new RangeError(`${range} has ${count} parts of /${prefixLength}, no part ${index}`);
  const start = whole.startAddress().bigInt() + BigInt(index) * (1n << BigInt(32 - prefixLength));
  return `${Address4.fromBigInt(start).correctForm()}/${prefixLength}`;
}

/** The `index`-th address of a range, counted from its first: AWS and Google reserve 0 to 3, and Google the last two too. */
export function hostAddress(range: string, index: number): string {
  const start = new Address4(range).startAddress().bigInt();
  return Address4.fromBigInt(start + BigInt(index)).correctForm();
}

/** A range that begins at its own first address: `10.0.0.0/16`, and not `10.0.0.1/16`. */
export function isRange(text: string): boolean {
  if (!Address4.isValid(text) || !text.includes('/')) return false;
  const address = new Address4(text);
  return address.startAddress().correctForm() === address.correctForm();
}

const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/** RFC 1918 §3. */
export const isPrivateRange = (text: string): boolean =>
  isRange(text) && PRIVATE_RANGES.some((range) => new Address4(text).isInSubnet(new Address4(range)));
