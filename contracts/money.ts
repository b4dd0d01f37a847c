// Amounts: whole minor units and a currency. Never a fraction, never a float.
import { z } from 'zod';

/** ISO 4217, three capital letters. */
export const currency = z.string().regex(/^[A-Z]{3}$/);

/** An amount that is paid or owed: cents for EUR, yen for JPY. */
export const money = z.object({
  amountMinor: z.int().nonnegative(),
  currency,
});
export type Money = z.infer<typeof money>;
