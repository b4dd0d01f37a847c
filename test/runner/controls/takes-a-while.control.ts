import { setTimeout as sleep } from 'node:timers/promises';
import { it } from '@jest/globals';

it('keeps the run going while another worker has nothing to do', () => sleep(500));
