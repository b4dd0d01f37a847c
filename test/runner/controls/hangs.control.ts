import { afterAll, it } from '@jest/globals';

afterAll(() => new Promise(() => {}));

it('never ends', () => new Promise(() => {}));
