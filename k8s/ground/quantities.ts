// Amounts as Kubernetes writes them (apimachinery, pkg/api/resource/quantity.go), as far as our manifests write them.

/** `250m`, `2`, `1.5` of a processor, in thousandths. @throws TypeError on another form */
export function millisOf(cpu: string | number): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(m?)$/.exec(String(cpu)) ?? [];
  if (digits === undefined) throw new TypeError(`${cpu} is no amount of processor that is written here`);
  return Number(digits) * (unit === 'm' ? 1 : 1000);
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1 / 1024 ** 2],
  ['Ki', 1 / 1024],
  ['Mi', 1],
  ['Gi', 1024],
]);

/** `192Mi`, `2Gi`. @throws TypeError on another form */
export function mibOf(memory: string | number): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(String(memory)) ?? [];
  const factor = UNITS.get(unit);
  if (digits === undefined || factor === undefined)
    throw new TypeError(`${memory} is no amount of memory that is written here`);
  return Number(digits) * factor;
}

/** Whole ones, never less. */
export const gibOf = (mib: number): string => `${Math.ceil(mib / 1024)}Gi`;
