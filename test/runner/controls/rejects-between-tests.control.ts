import { setTimeout as sleep } from 'node:timers/promises';
import { it } from '@jest/globals';

it('leaves a promise behind that is rejected later', () => {
  void sleep(50).then(() => Promise.reject(new Error('rejected between tests')));
});

it('runs meanwhile', () => sleep(200));
