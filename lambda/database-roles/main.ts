// What the bundle is made of: `handler.handler` in the settings of the Lambda.
import { createHandler } from './handler.ts';

/** Made at cold start. A faulty environment fails the cold start, and says how. */
export const handler = createHandler(process.env);
