import { it } from '@jest/globals';

it('listens for ever', () => {
  process.on('SIGTERM', () => {});
});
