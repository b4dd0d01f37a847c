// The load as k6 runs it in the cluster: the journeys of ../scenario, carried out by k6's own requests and pauses. Bundled by
// bundle.ts. Where customers can be registered (a mailbox is there) they are, before and once; elsewhere people only look around.
import { sleep } from 'k6';
import { randomBytes } from 'k6/crypto';
import exec from 'k6/execution';
import http from 'k6/http';
import { Rate, Trend } from 'k6/metrics';
import { type Customer, closeAccount, openAccount } from '../scenario/customers.ts';
import { JOURNEYS } from '../scenario/journeys.ts';
import { journeyOf, profileOf, REGISTER_EVERY_S } from '../scenario/profiles.ts';
import { Abandoned, type Answer, type Ask, isAsk, type Journey, type ServiceName } from '../scenario/step.ts';
import { k6Options } from './options.ts';

const profile = profileOf(__ENV.LOAD_PROFILE ?? 'smoke');
const ADDRESSES: Readonly<Record<ServiceName, string | undefined>> = {
  user: __ENV.USER_SERVICE_URL,
  product: __ENV.PRODUCT_SERVICE_URL,
  cart: __ENV.CART_SERVICE_URL,
  order: __ENV.ORDER_SERVICE_URL,
  // Only where mails are in a mailbox.
  notification: __ENV.NOTIFICATION_SERVICE_URL,
};
/** The mailbox answers only to the host names of its own machine: a web page cannot send those, but any program can. */
const MAILBOX_HOST = '127.0.0.1';

const unended = new Rate('orders_unended');
const orderEnd = new Trend('order_end_duration', true);

export const options = k6Options(profile);

/** What k6 hands to every virtual user; none where no customer can register. */
export function setup(): Customer[] {
  if (!ADDRESSES.notification) return [];
  const customers: Customer[] = [];
  for (let at = 0; at < profile.customers; at += 1) {
    const earliestMs = Date.now() + REGISTER_EVERY_S * 1_000;
    const customer = drive(openAccount(newId(), newId()));
    if (!customer) throw new Error('a customer could not register');
    customers.push(customer);
    if (at + 1 < profile.customers) sleep(Math.max(0, earliestMs - Date.now()) / 1_000);
  }
  return customers;
}

/** Of this virtual user; its session is renewed on the way. */
let own: Customer | undefined;

export default function visit(customers: readonly Customer[]): void {
  // Virtual users are numbered from 1, and there are as many as customers.
  own ??= customers[(exec.vu.idInTest - 1) % Math.max(1, customers.length)];
  const turn = exec.scenario.iterationInTest;
  const journey = JOURNEYS[journeyOf(turn, own !== undefined)];
  const result = drive(journey({ turn, customer: own, newId }));
  if (result?.customer) own = result.customer;
  if (result?.outcome && result.outcome !== 'sold-out') unended.add(result.outcome === 'unended');
  if (result?.endedAfterMs !== undefined) orderEnd.add(result.endedAfterMs);
}

export function teardown(customers: readonly Customer[]): void {
  for (const customer of customers) drive(closeAccount(customer));
}

/** Undefined when the journey was abandoned: k6 has counted the request that failed. */
function drive<Result>(journey: Journey<Result>): Result | undefined {
  let answer: Answer | undefined;
  try {
    for (;;) {
      const { done, value } = journey.next(answer);
      if (done) return value;
      answer = undefined;
      if (isAsk(value)) answer = send(value);
      else sleep(value.seconds);
    }
  } catch (error) {
    if (error instanceof Abandoned) return undefined;
    throw error;
  }
}

function send({ name, service, method, path, answers, token, idempotencyKey, body }: Ask): Answer {
  const address = ADDRESSES[service];
  if (!address) throw new Error(`the address of ${service} is not known: set its variable`);
  const { status, body: text } = http.request(
    method,
    address + path,
    body === undefined ? null : JSON.stringify(body),
    {
      headers: {
        ...(service === 'notification' && { Host: MAILBOX_HOST }),
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(idempotencyKey && { 'Idempotency-Key': idempotencyKey }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      tags: { name, service },
      redirects: 0,
      timeout: '30s',
      responseCallback: http.expectedStatuses(...answers),
    },
  );
  return { status, text: typeof text === 'string' ? text : '' };
}

/** 128 random bits. */
function newId(): string {
  const bytes = [...new Uint8Array(randomBytes(16))];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
