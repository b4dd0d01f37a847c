import { it } from '@jest/globals';

it('loses its process', () => {
  process.kill(process.pid, 'SIGKILL');
});
