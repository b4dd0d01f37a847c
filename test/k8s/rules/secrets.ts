// Git holds no secret: no object of that kind, no text that is built like one, no setting that is called like one and has a value.
import type { Content, Placed } from '../content.ts';
import { containersOf, type Finding, firstOf, type Rule } from './rule.ts';

/** How keys of others look. */
const PATTERNS: readonly (readonly [string, RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['an access key of AWS', /\b(AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a key of Google', /\bAIza[0-9A-Za-z_-]{35}\b/],
  ['a key of Stripe', /\b[rs]k_(live|test)_[0-9A-Za-z]{8,}|\bwhsec_[0-9A-Za-z+/=]{16,}/],
  ['a token of GitHub', /\b(gh[opsru]_[0-9A-Za-z]{20,}|github_pat_\w{20,})/],
  ['a token of Slack', /\bxox[abprs]-[0-9A-Za-z-]{10,}/],
  ['a signed token', /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/],
  ['a password in an address', /\b[a-z][a-z0-9+]*:\/\/[^\s/:@]+:[^\s/@$]+@/],
];

/** Names of settings that hold a secret; a path, a name or an address of one is none. */
const CALLED_SECRET =
  /(^|[_-])(PASSWORD|PASSWD|SECRET|SECRETS|TOKEN|KEK|PRIVATE_KEY|API_KEY|ACCESS_KEY|CREDENTIALS?)$/i;

/** Random text: long, of letters and digits of either case, each nearly as often as any other. */
const ENTROPY_BITS_MIN = 4.5;
const RANDOM = /[A-Za-z0-9+/_=-]{32,}/g;

function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return [...counts.values()].reduce(
    (sum, count) => sum - (count / text.length) * Math.log2(count / text.length),
    0,
  );
}

/** A checksum or the digest of an image is as even as a key, and in small letters alone. */
const looksRandom = (text: string): boolean =>
  /[a-z]/.test(text) && /[A-Z]/.test(text) && /[0-9]/.test(text) && entropyOf(text) >= ENTROPY_BITS_MIN;

interface Leaf {
  readonly field: string;
  readonly text: string;
}

function leavesOf(value: unknown, field = ''): Leaf[] {
  if (typeof value === 'string') return [{ field, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  const under = (key: string) => (field ? `${field}.${key}` : key);
  return Object.entries(value).flatMap(([key, one]) => leavesOf(one, under(key)));
}

const findIn = (content: Content, judge: (leaf: Leaf) => string | undefined): Finding[] =>
  content.placed.flatMap((placed) =>
    leavesOf(placed.object).flatMap((leaf) => {
      const text = judge(leaf);
      return text ? [{ at: placed, field: leaf.field, text }] : [];
    }),
  );

const leaveOut =
  'let the cluster make it, or an ExternalSecret fetch it; replace every secret that was ever here';

const anySettings = (content: Content): Record<string, unknown> => {
  const maps = content.all('ConfigMap').filter(({ object }) => object.data);
  return firstOf(maps, 'ConfigMap').object.data as Record<string, unknown>;
};

/** Settings with their values as they are in Git: of containers and of ConfigMaps. */
function settingsIn(
  content: Content,
): { readonly at: Placed; readonly field: string; name: string; value: string }[] {
  const ofContainers = content
    .pods()
    .flatMap((pod) =>
      containersOf(pod).flatMap(({ name: container, env = [] }) =>
        env.flatMap(({ name, value }) =>
          value
            ? [{ at: pod.owner, field: `${pod.path}.containers[${container}].env[${name}]`, name, value }]
            : [],
        ),
      ),
    );
  const ofMaps = content.all('ConfigMap').flatMap((placed) =>
    Object.entries((placed.object.data ?? {}) as Record<string, string>).map(([name, value]) => ({
      at: placed,
      field: `data.${name}`,
      name,
      value,
    })),
  );
  return [...ofContainers, ...ofMaps];
}

export const SECRETS: readonly Rule[] = [
  {
    id: 'no-secret-object',
    title: 'no object is a Secret',
    remedy: leaveOut,
    judges: (content) => content.placed.length,
    find: (content) =>
      content.all('Secret').map((placed) => ({ at: placed, field: 'kind', text: 'it is a Secret' })),
    breaks: [
      {
        what: 'a Secret in Git',
        on(content) {
          content.add(content.placed[0]!, {
            apiVersion: 'v1',
            kind: 'Secret',
            metadata: { name: 'secret', namespace: 'shop' },
          });
        },
      },
    ],
  },
  {
    id: 'no-secret-text',
    title: 'no text is built like a key',
    remedy: leaveOut,
    judges: (content) => content.placed.length,
    find: (content) =>
      findIn(content, ({ text }) => {
        const found = PATTERNS.find(([, pattern]) => pattern.test(text));
        return found && `it holds ${found[0]}`;
      }),
    breaks: [
      ['a password in an address', 'postgres://order:hunter2@postgres:5432/shop'],
      ['a key of Stripe', ['sk', 'live', '4eC39HqLyjWDarjtT1zdp7dc'].join('_')],
      ['an access key of AWS', ['AKIA', 'IOSFODNN7EXAMPLE'].join('')],
      ['a private key', '-----BEGIN EC PRIVATE KEY-----\nMHc'],
    ].map(([what = '', text]) => ({ what, on: (content) => void (anySettings(content).NOTE = text) })),
  },
  {
    id: 'no-random-text',
    title: 'no text is as random as a key',
    remedy: leaveOut,
    judges: (content) => content.placed.length,
    find: (content) =>
      findIn(content, ({ text }) => {
        const found = text.match(RANDOM)?.find(looksRandom);
        return found && `${found.slice(0, 6)}… looks like a key`;
      }),
    breaks: [
      {
        what: 'a key under an innocent name',
        on: (content) => void (anySettings(content).NOTE = 'q7Zr0KfW3xJ9bT2mVn8YcLd5HsGpAeUi4RoX'),
      },
    ],
  },
  {
    id: 'no-secret-setting',
    title: 'no setting that is called a secret has a value',
    remedy: leaveOut,
    judges: (content) => settingsIn(content).length,
    find: (content) =>
      settingsIn(content)
        .filter(({ name, value }) => CALLED_SECRET.test(name) && value !== '')
        .map(({ at, field }) => ({ at, field, text: 'it has a value' })),
    breaks: [
      { what: 'a password in a ConfigMap', on: (content) => void (anySettings(content).DB_PASSWORD = 'x') },
      {
        what: 'a token of a container',
        on(content) {
          const { spec } = firstOf(content.pods(), 'pod');
          (spec.containers[0] as { env?: unknown }).env = [{ name: 'API_TOKEN', value: 'x' }];
        },
      },
    ],
  },
];
