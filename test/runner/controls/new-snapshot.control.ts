import { expect, it } from '@jest/globals';

it('compares with what nobody has recorded', () => {
  expect({ price: 1 }).toMatchSnapshot();
});
