// Kinds of fields that several parts of the settings have.
import { z } from 'zod';
import { isPrivateRange, isRange } from './addresses.ts';

export const range = z
  .string()
  .refine(isRange, 'expected a range such as 10.0.0.0/16, beginning at its first address');
export const privateRange = z
  .string()
  .refine(isPrivateRange, 'expected a private range such as 10.0.0.0/16 (RFC 1918)');
export const count = (min: number, max: number) => z.int().min(min).max(max);
export const gib = count(1, 65_536);
export const version = (example: string) =>
  z.string().regex(/^\d+(\.\d+){1,2}$/, `expected a version such as ${example}`);
