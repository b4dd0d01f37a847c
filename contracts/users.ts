// What happened to users. No event holds personal data: a service that needs an address asks the user service. Owner: services/user.
import { z } from 'zod';
import type { EventContract } from './envelope.ts';
import { id } from './ids.ts';

export const userId = id;

/** Data of `user.registered`. */
export const userRegisteredData = z.object({ userId });
export type UserRegistered = z.infer<typeof userRegisteredData>;

/** What a challenge lets its holder do. */
export const challengePurpose = z.enum(['verify-email', 'reset-password']);
export type ChallengePurpose = z.infer<typeof challengePurpose>;

/**
 * Data of `user.challenge-issued`: a user must get a link. The link's token is not part of the event: the notification service
 * asks the user service for address and token when it writes the mail.
 */
export const userChallengeIssuedData = z.object({
  challengeId: id,
  userId,
  purpose: challengePurpose,
});
export type UserChallengeIssued = z.infer<typeof userChallengeIssuedData>;

export const USER_REGISTERED: EventContract<UserRegistered> = {
  type: 'shop.user.registered.v1',
  schema: userRegisteredData,
};
export const USER_CHALLENGE_ISSUED: EventContract<UserChallengeIssued> = {
  type: 'shop.user.challenge-issued.v1',
  schema: userChallengeIssuedData,
};
