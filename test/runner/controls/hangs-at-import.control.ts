import { it } from '@jest/globals';

await new Promise(() => {});

it('never runs', () => {});
