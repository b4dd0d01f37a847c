// Settings of the user service.
import { z } from 'zod';
import { wholeNumber } from '#runtime/config.ts';
import { serviceConfig } from '#runtime/service.ts';

const KEY_BYTES = 32;

const key = z
  .base64('expected base64')
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length === KEY_BYTES, `expected ${KEY_BYTES} bytes`);

/** How passwords are hashed. */
export const passwordConfig = {
  PASSWORD_COST_LOG2: wholeNumber(14, 20)
    .default(17)
    .describe('cost of a password hash: 2 to this power KiB of memory, and time in proportion'),
  PASSWORD_HASHES_MAX: wholeNumber(1, 16).default(2).describe('password hashes computed at the same time'),
};

export const userConfig = {
  ...serviceConfig,
  SIGNING_KEK: key.describe('seals the keys that sign access tokens: 32 random bytes in base64'),
  SIGNING_KEK_PREVIOUS: key.optional().describe('the one before, while keys that it sealed are still in use'),
  ...passwordConfig,
};
