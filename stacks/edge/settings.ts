// An environment's public side: the shop's name on the internet, and the address of alarms.
import { z } from 'zod';
import { count } from '../settings-fields.ts';

/** RFC 1035 §2.3.4: labels of up to 63 characters; 200 in all leave room for the labels that we put before. */
const hostName = z
  .string()
  .max(200)
  .regex(
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    'expected a host name such as shop.example.com, in lower case',
  );

export const edgeSettings = z.strictObject({
  /** Where customers find the shop. Its pictures are under `images.`, its mails come from this domain. */
  hostName,
  zone: z.strictObject({
    /** Of the DNS zone that holds the host name: the same, or a domain above it. */
    name: hostName,
    /** `made` by `bootstrap`, or `existing` in this account already. */
    origin: z.enum(['made', 'existing']),
  }),
  /** More requests than that from one address in five minutes are refused. */
  requestsPerAddressMax: count(100, 1_000_000),
  /** Gets every alarm of both clouds; a group's address, not a person's. */
  alarmAddress: z.email(),
});
