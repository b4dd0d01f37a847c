// `docs/costs.md`, made from the resources of every environment and the prices.
import { STACKS } from '../../../stacks/platform.ts';
import { NOT_CHECKED, PRICES } from '../../../stacks/prices.ts';
import { ENVIRONMENTS, type EnvironmentName } from '../../../stacks/settings.ts';
import type { Model } from '../model.ts';
import { type CostLine, costLines, totalOf, usdOf } from './costs.ts';

export const COSTS_PAGE = 'docs/costs.md';

const HEAD = `# What an environment costs while nobody uses it

Made by \`npm run costs\` from the synthesized resources and \`stacks/prices.ts\`; a spec fails when they have parted. US dollars
a month (730 hours), list prices without tax and discounts, for the sizes in \`stacks/environments/\`.
`;

const NOT_COUNTED = `Not counted, because use decides: traffic between zones, through the gateways and out to the internet; Lambda, S3, CloudFront, SES,
SQS, ECR; log volume and its storage; Firestore, Cloud Storage, Artifact Registry, Cloud NAT, backups beyond the free size; load balancers
that Kubernetes asks for; nodes beyond the smallest number; disks of the Flink nodes.
`;

/** The page's text. */
export function costsPage(models: Readonly<Record<EnvironmentName, Model>>): string {
  const lines = ENVIRONMENTS.map((name) => costLines(models[name]));
  const all = [...new Map(lines.flat().map((line) => [`${line.part}|${line.price}`, line])).values()];
  const parts = [...new Set(all.map(({ part }) => part))];
  const rows = parts.flatMap((part) => all.filter((line) => line.part === part));
  const cell = (of: readonly CostLine[], row: CostLine): string => {
    const found = of.find(({ part, price }) => part === row.part && price === row.price);
    return found ? dollars(usdOf(found)) : '';
  };
  const used = new Set(rows.map(({ price }) => price));
  const prices = [...PRICES].filter(([name]) => used.has(name));
  const unchecked = prices.filter(([, { source }]) => source === NOT_CHECKED).length;
  return [
    HEAD,
    `| part | what | ${ENVIRONMENTS.join(' | ')} |`,
    `|---|---|${ENVIRONMENTS.map(() => '---:').join('|')}|`,
    ...rows.map((row) => `| ${row.part} | ${row.price} | ${lines.map((of) => cell(of, row)).join(' | ')} |`),
    `| **all of it** | | ${lines.map((of) => `**${dollars(totalOf(of))}**`).join(' | ')} |`,
    '',
    NOT_COUNTED,
    '## By stack',
    '',
    `| stack | ${ENVIRONMENTS.join(' | ')} |`,
    `|---|${ENVIRONMENTS.map(() => '---:').join('|')}|`,
    ...STACKS.map(
      (stack) =>
        `| ${stack} | ${ENVIRONMENTS.map((name) => dollars(totalOf(costLines(models[name], stack)))).join(' | ')} |`,
    ),
    '',
    '## Where each price is from',
    '',
    `${prices.length - unchecked} of ${prices.length} were looked up; the others are from memory and say so: check them before you rely on the sum. "Read" is when we read the source; the price may be older.`,
    '',
    '| what | USD | per | region | source | read |',
    '|---|---:|---|---|---|---|',
    ...prices.map(
      ([name, { usd, per, region, source, read }]) =>
        `| ${name} | ${String(usd)} | ${per} | ${region} | ${source} | ${source === NOT_CHECKED ? '' : read} |`,
    ),
    '',
  ].join('\n');
}

const dollars = (usd: number): string => Math.round(usd).toLocaleString('en-US');
