// Where everything is in Terraform's state. A construct that moves gets another address, and Terraform destroys and makes
// what is kept there again: read a change of these lists as a plan that deletes, and use `moveTo` or `overrideLogicalId`.
import { describe, expect, it } from '@jest/globals';
import { ENVIRONMENTS } from '../../stacks/settings.ts';
import { Model } from './model.ts';
import { DATA_TYPES } from './policies/platform.ts';
import { flinkPlatformOf, flinkSettings, platformOf, SETTINGS } from './synth.ts';

describe.each(ENVIRONMENTS)('addresses in %s', (environment) => {
  const model = new Model(platformOf(environment), SETTINGS[environment]);
  const resources = model.blocks.filter(({ type }) => /^[a-z]+_/.test(type));

  it('of what holds data: A CHANGE HERE DELETES A DATABASE, A BUCKET OR A KEY', () => {
    const data = resources.filter(({ type }) => DATA_TYPES.includes(type));
    expect(data.map(({ address }) => address).toSorted()).toMatchSnapshot();
  });

  it('of everything else', () => {
    const others = resources.filter(({ type }) => !DATA_TYPES.includes(type));
    expect(others.map(({ address }) => address).toSorted()).toMatchSnapshot();
  });
});

it('in prod with a job of Flink: what it adds', () => {
  const addressesOf = (model: Model) =>
    model.blocks.filter(({ type }) => /^[a-z]+_/.test(type)).map(({ address }) => address);
  const without = addressesOf(new Model(platformOf('prod'), SETTINGS.prod));
  const flink = addressesOf(new Model(flinkPlatformOf('prod'), flinkSettings('prod')));
  expect(without.filter((address) => !flink.includes(address))).toEqual([]);
  expect(flink.filter((address) => !without.includes(address)).toSorted()).toMatchSnapshot();
});
