import { describe, expect, it } from '@jest/globals';
import { k6Options, k6SecondsMax } from '../k6/options.ts';
import { JOURNEYS, type JourneyName } from './journeys.ts';
import {
  journeyCountOf,
  journeyOf,
  lastsSeconds,
  PROFILE_NAMES,
  profileOf,
  REGISTER_EVERY_S,
} from './profiles.ts';
import { Abandoned, type Answer, ask, isAsk, isOneOf, type Journey, pick, type Step } from './step.ts';

/** An access token lives for so long (services/user/sessions). */
const TOKEN_LIFE_S = 900;
/** Requests a minute of one caller to one replica, by default (runtime/http/config.ts). */
const CALLS_PER_MINUTE_MAX = 600;

function stepsOf<Result>(journey: Journey<Result>, answer: (step: Step) => Answer): Step[] {
  const steps: Step[] = [];
  let next = journey.next();
  while (!next.done) {
    steps.push(next.value);
    next = journey.next(isAsk(next.value) ? answer(next.value) : undefined);
  }
  return steps;
}

describe('a journey', () => {
  it('ends at the first answer that is not as it should be', () => {
    const request = { name: 'x', service: 'cart', method: 'GET', path: '/cart', answers: [200] } as const;
    expect(() => stepsOf(ask(request), () => ({ status: 429, text: '' }))).toThrow(Abandoned);
    expect(() => stepsOf(ask(request), () => ({ status: 200, text: '' }))).not.toThrow();
  });

  it('buys nothing where nothing is left', () => {
    const customer = { accessToken: 'a', refreshToken: 'r' };
    const visit = { turn: 3, customer, newId: () => 'id' };
    const steps = stepsOf(JOURNEYS.buy(visit), () => ({ status: 200, text: '{"items":[]}' }));
    expect(steps.filter(isAsk).map(({ name }) => name)).toEqual(['list']);
  });

  it('is of each kind by its share, evenly however few there are', () => {
    const count = (name: JourneyName, turns: number) =>
      Array.from({ length: turns }, (_, turn) => journeyOf(turn, true)).filter((one) => one === name).length;
    expect(count('browse', 1_000)).toBeGreaterThanOrEqual(595);
    expect(count('browse', 1_000)).toBeLessThanOrEqual(605);
    expect(count('buy', 20)).toBeGreaterThanOrEqual(6);
    expect(count('buy', 20)).toBeLessThanOrEqual(8);
    expect(Array.from({ length: 50 }, (_, turn) => journeyOf(turn, false))).toEqual(Array(50).fill('browse'));
  });

  it('chooses means of payment and products independently of its kind', () => {
    const buys = Array.from({ length: 2_000 }, (_, turn) => turn).filter(
      (turn) => journeyOf(turn, true) === 'buy',
    );
    const declined = buys.filter((turn) => isOneOf(0.1, turn)).length / buys.length;
    expect(Math.abs(declined - 0.1)).toBeLessThan(0.02);
    const first =
      buys.filter((turn) => pick(['one', 'two', 'three', 'four'], turn) === 'one').length / buys.length;
    expect(Math.abs(first - 0.25)).toBeLessThan(0.03);
  });
});

describe.each(PROFILE_NAMES)('the profile %s', (name) => {
  const profile = profileOf(name);

  it('ends before the tokens of its first customer do', () => {
    expect(profile.customers * REGISTER_EVERY_S + lastsSeconds(profile)).toBeLessThan(TOKEN_LIFE_S);
  });

  it('keeps every customer below the limit of one caller', () => {
    const journeysPerMinute = Math.max(...profile.steps.map((step) => step.journeysPerSecond)) * 60;
    // Four requests of one journey go to the product service, the most of any.
    const mostCalls = (journeysPerMinute / profile.customers) * 4;
    expect(mostCalls).toBeLessThan(CALLS_PER_MINUTE_MAX);
  });

  it('is the same in k6’s words: rate, time, customers and thresholds', () => {
    const { scenarios, thresholds } = k6Options(profile);
    const { stages, maxVUs, preAllocatedVUs } = scenarios!.shop as unknown as {
      stages: { target: number; duration: string }[];
      maxVUs: number;
      preAllocatedVUs: number;
    };
    expect([maxVUs, preAllocatedVUs]).toEqual([profile.customers, profile.customers]);
    const begun = stages.reduce(
      (sum, { target, duration }) => sum + target * Number.parseInt(duration, 10),
      0,
    );
    expect(begun).toBe(journeyCountOf(profile));
    expect(Object.keys(thresholds!)).toHaveLength(Object.keys(profile.thresholds).length);
    expect(k6SecondsMax(profile)).toBeGreaterThan(lastsSeconds(profile));
  });
});

it('refuses a profile that is none', () => {
  expect(() => profileOf('constructor')).toThrow('there is no profile constructor: take smoke, load, stress');
});
