import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { STACKS } from '../../../stacks/platform.ts';
import { PRICES } from '../../../stacks/prices.ts';
import { ENVIRONMENTS, type EnvironmentName } from '../../../stacks/settings.ts';
import { putAt } from '../body.ts';
import { Model } from '../model.ts';
import { platformOf, SETTINGS } from '../synth.ts';
import { costLines, HOURS, totalOf, usdOf } from './costs.ts';
import { COSTS_PAGE, costsPage } from './costs-page.ts';

const MODELS = Object.fromEntries(
  ENVIRONMENTS.map((name) => [name, new Model(platformOf(name), SETTINGS[name])]),
) as Record<EnvironmentName, Model>;
const page = readFileSync(join(import.meta.dirname, '../../..', COSTS_PAGE), 'utf8');
const copyOfProd = () => new Model(structuredClone(MODELS.prod.json), SETTINGS.prod);

describe('the page of costs', () => {
  it('is what the resources and the prices say: else npm run costs', () => {
    expect(page).toBe(costsPage(MODELS));
  });

  it('names the source and the date of each price', () => {
    for (const [name, { usd, source, read }] of PRICES) {
      expect([name, usd]).toEqual([name, expect.any(Number)]);
      expect(usd).toBeGreaterThan(0);
      expect(source).not.toBe('');
      expect(read).toMatch(/^20\d\d-[01]\d-[0-3]\d$/);
    }
  });
});

describe('the dollars in docs/deploy.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/deploy.md'), 'utf8');
  const said = (stack: string): number => {
    const step = text.split(/^### /m).find((part) => /^\d+\. `(\w+)`/.exec(part)?.[1] === stack);
    const [, amount = ''] = /(\bnothing|\ba|[\d,]+)\s+(?:dollars?\b|by itself)/.exec(step ?? '') ?? [];
    return Number(amount.replace(',', '').replace('nothing', '0').replace('a', '1') || Number.NaN);
  };

  it.each(STACKS)('are within a quarter of what %s costs in dev', (stack) => {
    const usd = totalOf(costLines(MODELS.dev, stack));
    expect(Math.abs(said(stack) - usd)).toBeLessThanOrEqual(Math.max(usd / 4, 5));
  });

  it('are within a quarter of all, too', () => {
    const [, all = ''] = /some ([\d,]+) dollars a month for `dev`/.exec(text) ?? [];
    const usd = totalOf(costLines(MODELS.dev));
    expect(Math.abs(Number(all.replace(',', '')) - usd)).toBeLessThanOrEqual(usd / 4);
  });
});

describe('the costs of an environment', () => {
  it('are those of its stacks', () => {
    const parts = STACKS.map((stack) => totalOf(costLines(MODELS.prod, stack)));
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(totalOf(costLines(MODELS.prod)));
  });

  const usd = (model: Model, price: string) =>
    costLines(model)
      .filter((line) => line.price === price)
      .map(usdOf);

  it('grow with what is there', () => {
    const larger = copyOfProd();
    putAt(larger.all('aws_msk_cluster')[0]!.body, 'number_of_broker_nodes', 6);
    const before = totalOf(costLines(MODELS.prod));
    const { instance_type: type } = larger.all('aws_msk_cluster')[0]!.body.broker_node_group_info as {
      instance_type: string;
    };
    expect(usd(larger, type)[0]).toBeCloseTo(2 * usd(MODELS.prod, type)[0]!);
    expect(totalOf(costLines(larger))).toBeGreaterThan(before + 500);
  });

  it('count a gateway for each hour', () => {
    const count = MODELS.prod.all('aws_nat_gateway').length;
    expect(usd(MODELS.prod, 'NAT gateway')[0]).toBeCloseTo(count * HOURS * 0.052);
  });

  it('are unknown for a size without a price, and say where to write it', () => {
    const other = copyOfProd();
    putAt(other.all('aws_db_instance')[0]!.body, 'instance_class', 'db.x9.huge');
    expect(() => totalOf(costLines(other))).toThrow(/db\.x9\.huge in two zones.*stacks\/prices\.ts/);
  });
});
