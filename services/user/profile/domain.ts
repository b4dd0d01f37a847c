// What a person may do with their own profile.
import type { Profile, ProfileChange } from '../domain.ts';

/** What the HTTP edge asks of profiles. */
export interface Profiles {
  show(userId: string): Promise<Profile | undefined>;
  /** @param versions the version must be one of these; without them any will do */
  change(
    userId: string,
    change: ProfileChange,
    versions: readonly number[] | undefined,
  ): Promise<Profile | 'gone' | 'changed-meanwhile'>;
  /** Repeatable. */
  erase(userId: string): Promise<void>;
}
