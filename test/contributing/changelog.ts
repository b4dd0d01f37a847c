// The text of a changelog in, where it has not the form of Keep a Changelog 1.1.0 out.

const KINDS = new Set(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']);
const RELEASE = /^\[(\d+)\.(\d+)\.(\d+)\] - \d{4}-\d\d-\d\d$/;

/** @param version of package.json: no release may be newer */
export function changelogFaults(text: string, version: string): string[] {
  const [, ...releases] = text.split(/^## /m);
  const titles = releases.map((one) => one.split('\n')[0]!);
  const [first, ...released] = titles;
  const [newest] = released;
  const newestVersion = newest?.match(/^\[([\d.]+)\]/)?.[1];
  return [
    ...(first === '[Unreleased]' ? [] : ['does not begin with [Unreleased]']),
    ...released.filter((title) => !RELEASE.test(title)).map((title) => `${title} is no release with its day`),
    ...released
      .filter((title, at) => at > 0 && isNewer(title, released[at - 1]!))
      .map((title) => `${nameOf(title)} stands below an older one`),
    ...(newestVersion !== undefined && newestVersion !== version
      ? [`the newest release is ${newestVersion}, and package.json says ${version}`]
      : []),
    ...releases.flatMap(kindFaults),
  ];
}

function kindFaults(release: string): string[] {
  const [title, ...changes] = release.split(/^### /m);
  const name = nameOf(title!);
  const kinds = changes.map((one) => one.split('\n')[0]!);
  return [
    ...kinds.filter((kind) => !KINDS.has(kind)).map((kind) => `${kind} is no kind of change`),
    ...kinds.filter((kind, at) => kinds.indexOf(kind) !== at).map((kind) => `${name} has ${kind} twice`),
    ...kinds.filter((_kind, at) => !/^- \S/m.test(changes[at]!)).map((kind) => `${kind} of ${name} is empty`),
  ];
}

const nameOf = (title: string): string => title.trim().split(/\s/)[0]!;

function isNewer(one: string, other: string): boolean {
  const [left, right] = [one, other].map((title) => RELEASE.exec(title)?.slice(1).map(Number) ?? []);
  const at = left!.findIndex((part, index) => part !== right![index]);
  return at >= 0 && left![at]! > right![at]!;
}
