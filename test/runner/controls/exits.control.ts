import { it } from '@jest/globals';

it('ends its process as if all were well', () => process.exit(0));

it('still runs', () => {});
