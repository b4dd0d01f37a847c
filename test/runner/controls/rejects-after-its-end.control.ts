import { setTimeout as sleep } from 'node:timers/promises';
import { it } from '@jest/globals';

it('leaves a promise behind that is rejected when its spec has ended', () => {
  void sleep(100).then(() => Promise.reject(new Error('rejected after the end')));
});
