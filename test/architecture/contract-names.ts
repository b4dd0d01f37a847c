// Every export of the contracts by its name in code, so that a use in the syntax tree can be told by its identifier.
import * as analytics from '#contracts/analytics.ts';
import * as images from '#contracts/images.ts';
import * as topics from '#contracts/topics.ts';
import type { ContractNames } from './topic-uses.ts';

export const contractNames: ContractNames = { ...analytics, ...images, ...topics };
