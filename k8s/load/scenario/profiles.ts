// How much of what, for how long, and what must hold. One table for every driver.
import type { JourneyName } from './journeys.ts';
import { kindOf } from './step.ts';

/** This many journeys begin each second, however long they take. */
export interface LoadStep {
  readonly journeysPerSecond: number;
  readonly seconds: number;
}

/** A figure above one of these makes a run fail. */
export interface Thresholds {
  /** Requests answered otherwise than they should have been, or not at all. */
  readonly failedShareMax: number;
  readonly p95MsMax: number;
  /** Orders whose end their customer never saw. */
  readonly unendedShareMax: number;
  /** Journeys that could not begin since everybody was still under way. */
  readonly droppedShareMax: number;
}

export interface Profile {
  /** Signed in at the same time; each is on one journey at most. */
  readonly customers: number;
  readonly steps: readonly LoadStep[];
  readonly thresholds: Thresholds;
}

export type ProfileName = 'smoke' | 'load' | 'stress';

/** Out of a hundred: most people only look. */
const SHARES: Readonly<Record<JourneyName, number>> = { browse: 60, buy: 35, return: 5 };
const ALL = Object.values(SHARES).reduce((sum, share) => sum + share, 0);

/** Limits for answers that feel immediate; two cores run everything here, the load included. */
const THRESHOLDS: Thresholds = {
  failedShareMax: 0.001,
  p95MsMax: 500,
  unendedShareMax: 0.001,
  droppedShareMax: 0.01,
};

const PROFILES: ReadonlyMap<string, Profile> = new Map<ProfileName, Profile>([
  ['smoke', { customers: 5, steps: [{ journeysPerSecond: 1, seconds: 30 }], thresholds: THRESHOLDS }],
  [
    'load',
    {
      customers: 20,
      steps: [
        { journeysPerSecond: 2, seconds: 60 },
        { journeysPerSecond: 4, seconds: 180 },
        { journeysPerSecond: 2, seconds: 60 },
      ],
      thresholds: THRESHOLDS,
    },
  ],
  [
    'stress',
    {
      customers: 80,
      steps: [4, 8, 16, 32, 64, 96, 128].map((journeysPerSecond) => ({ journeysPerSecond, seconds: 40 })),
      // It looks for the end of what the machine can do: being slow is no failure there, a wrong answer is.
      thresholds: { ...THRESHOLDS, p95MsMax: 10_000, unendedShareMax: 0.05, droppedShareMax: 0.5 },
    },
  ],
]);

export const PROFILE_NAMES = [...PROFILES.keys()] as readonly ProfileName[];

/** @throws TypeError when there is none of that name */
export function profileOf(name: string): Profile {
  const profile = PROFILES.get(name);
  if (!profile) throw new TypeError(`there is no profile ${name}: take ${PROFILE_NAMES.join(', ')}`);
  return profile;
}

/** Which journey a turn is; without a name people only look. */
export function journeyOf(turn: number, isSignedIn: boolean): JourneyName {
  if (!isSignedIn) return 'browse';
  let rest = kindOf(turn) * ALL;
  for (const [name, share] of Object.entries(SHARES)) {
    if (rest < share) return name as JourneyName;
    rest -= share;
  }
  return 'browse';
}

/** The user service takes ten registrations a minute from one address (services/user/http.ts): a customer each 6.5 s keeps below. */
export const REGISTER_EVERY_S = 6.5;

export const lastsSeconds = ({ steps }: Profile): number =>
  steps.reduce((sum, { seconds }) => sum + seconds, 0);

export const journeyCountOf = ({ steps }: Profile): number =>
  steps.reduce((sum, { journeysPerSecond, seconds }) => sum + Math.round(journeysPerSecond * seconds), 0);
