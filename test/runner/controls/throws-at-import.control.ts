import { it } from '@jest/globals';

it('never runs', () => {});

throw new Error('thrown at import');
