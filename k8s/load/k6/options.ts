// A profile in k6's own words.
import type { Options } from 'k6/options';
import { journeyCountOf, lastsSeconds, type Profile, REGISTER_EVERY_S } from '../scenario/profiles.ts';

/** Of the one scenario; samples of `setup` and `teardown` do not have it, and no threshold is about them. */
const SCENARIO = 'shop';
/** For the last journeys: an order is watched for a quarter of a minute at most. */
const GRACEFUL_STOP_S = 60;
/** Beside the pauses between registrations: mails, and password hashes of half a second each. */
const SETUP_SPARE_S = 120;

export function k6Options(profile: Profile): Options {
  const { customers, steps, thresholds } = profile;
  const of = (metric: string) => `${metric}{scenario:${SCENARIO}}`;
  return {
    scenarios: {
      [SCENARIO]: {
        executor: 'ramping-arrival-rate',
        timeUnit: '1s',
        startRate: 0,
        preAllocatedVUs: customers,
        maxVUs: customers,
        // Each step begins at once: a stage of no time, and one that holds.
        stages: steps.flatMap(({ journeysPerSecond: target, seconds }) => [
          { target, duration: '0s' },
          { target, duration: `${seconds}s` },
        ]),
        gracefulStop: `${GRACEFUL_STOP_S}s`,
      },
    },
    thresholds: {
      [of('http_req_failed')]: [`rate<=${thresholds.failedShareMax}`],
      [of('http_req_duration')]: [`p(95)<=${thresholds.p95MsMax}`],
      [of('orders_unended')]: [`rate<=${thresholds.unendedShareMax}`],
      [of('dropped_iterations')]: [
        `count<=${Math.floor(journeyCountOf(profile) * thresholds.droppedShareMax)}`,
      ],
    },
    setupTimeout: `${setupSecondsMax(profile)}s`,
    teardownTimeout: `${GRACEFUL_STOP_S}s`,
    // Percentiles that the summary shows.
    summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max'],
  };
}

const setupSecondsMax = ({ customers }: Profile): number =>
  Math.ceil(customers * REGISTER_EVERY_S) + SETUP_SPARE_S;

/** From the first request to the last, at most: for the deadline of the Job. */
export const k6SecondsMax = (profile: Profile): number =>
  setupSecondsMax(profile) + lastsSeconds(profile) + 2 * GRACEFUL_STOP_S;
