// Ids of orders, users, payments.
import { z } from 'zod';

/** Visible ASCII, at most 64: fits every database, header, path and log line as it is. */
export const id = z.string().regex(/^[\x21-\x7e]{1,64}$/);
