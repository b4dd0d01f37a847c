import { it } from '@jest/globals';

it('never gives the thread back', () => {
  for (;;) Math.random();
});
