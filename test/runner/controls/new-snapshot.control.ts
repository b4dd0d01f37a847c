import { expect, it } from '@jest/globals';

it('compares with a snapshot that was not recorded', () => {
  expect({ price: 1 }).toMatchSnapshot();
});
