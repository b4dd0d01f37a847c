// What a load is made of: requests and pauses, yielded one by one by a journey (journeys.ts) and carried out by a
// driver: k6 in the cluster, Node on a laptop. Nothing here knows which.

/** Services that customers speak to; `notification` only for the mailbox of a laptop. */
export type ServiceName = 'user' | 'product' | 'cart' | 'order' | 'notification';

/** One complete request, without the address of the service. */
export interface Ask {
  /** Of its kind: the name in metrics, so that urls do not become series without number. */
  readonly name: string;
  readonly service: ServiceName;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Any other answer is a failure. */
  readonly answers: readonly number[];
  /** An access token. */
  readonly token?: string;
  readonly idempotencyKey?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** What a person takes to read and think. */
export interface Pause {
  readonly seconds: number;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export type Step = Ask | Pause;
export type Journey<Result> = Generator<Step, Result, Answer | undefined>;

export const isAsk = (step: Step): step is Ask => 'service' in step;

/** A request was answered otherwise than its kind allows; the driver has counted it, and the journey ends. */
export class Abandoned extends Error {
  constructor({ name }: Ask, { status }: Answer) {
    super(`${name} was answered ${status}`);
  }
}

/** Waits for the answer. @throws Abandoned */
export function* ask(request: Ask): Journey<Answer> {
  const answer = (yield request) ?? { status: 0, text: '' };
  if (!request.answers.includes(answer.status)) throw new Abandoned(request, answer);
  return answer;
}

export function* pause(seconds: number): Journey<void> {
  yield { seconds };
}

/** Multiples of an irrational number, without their whole part, fill 0 to 1 evenly; two different ones know nothing of each other. */
const [GOLDEN, ROOT_2, ROOT_3] = [0.618_033_988_749_895, 0.414_213_562_373_095, 0.732_050_807_568_877];

const spread = (turn: number, irrational: number): number => (turn * irrational) % 1;

/** Of what kind a turn is, between 0 and 1. */
export const kindOf = (turn: number): number => spread(turn, GOLDEN);

/** Whether a turn is one of a share of all. */
export const isOneOf = (share: number, turn: number): boolean => spread(turn, ROOT_3) < share;

/** Takes turns through a list, evenly at any length. @throws TypeError when there is nothing in it */
export function pick<Item>(items: readonly Item[], turn: number): Item {
  const item = items[Math.floor(spread(turn, ROOT_2) * items.length)];
  if (item === undefined) throw new TypeError('there is nothing to choose from');
  return item;
}
