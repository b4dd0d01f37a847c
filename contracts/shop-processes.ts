// The shop: its services, of which each has a schema of its own in Postgres and speaks to the others by events, and its pages.
import type { Process } from './process.ts';
import {
  notificationSent,
  orderCancelled,
  orderConfirmed,
  orderPlaced,
  paymentFailed,
  paymentRefunded,
  paymentRequested,
  paymentSucceeded,
  productChanged,
  stockRejected,
  stockReserved,
  userChallengeIssued,
  userRegistered,
} from './shop-topics.ts';
import type { Topic } from './topic.ts';
import { productImagesProcessed, productImagesRejected } from './topics.ts';

/** Serves the public keys of customers' tokens; every service fetches them, this one too. */
const USER = 'user';
/** Shows operators the platform (contracts/processes.ts); the storefront asks it for the platform pages. */
export const CONSOLE = 'console';
/** 4111 to 4116: `/metrics` of the services where they are deployed. */
const OPS_PORT_DISTANCE = 100;

function service(
  name: string,
  port: number,
  consumes: readonly Topic<unknown>[],
  publishes: readonly Topic<unknown>[],
  stores: Process['stores'] = ['postgres'],
): Process {
  const deadLetters = consumes.map((topic) => ({ name: topic.deadLetters! }));
  return {
    name,
    runsOn: 'eks',
    port,
    opsPort: port + OPS_PORT_DISTANCE,
    consumes,
    publishes: [...publishes, ...deadLetters],
    stores,
    calls: [USER],
  };
}

export const userService: Process = {
  ...service(USER, 4011, [], [userRegistered, userChallengeIssued]),
  // Other services authenticate to it with the tokens of their accounts.
  asksOutside: ['service-account-keys'],
  // `user` is a reserved word in Postgres.
  schema: 'users',
};
export const productService = service(
  'product',
  4012,
  [orderPlaced, orderConfirmed, orderCancelled, productImagesProcessed, productImagesRejected],
  [productChanged, stockReserved, stockRejected],
  // It signs the URLs to which photos are uploaded.
  ['postgres', 's3'],
);
export const cartService = service('cart', 4013, [productChanged, orderPlaced], []);
export const orderService = service(
  'order',
  4014,
  [productChanged, stockReserved, stockRejected, paymentSucceeded, paymentFailed],
  [orderPlaced, orderConfirmed, orderCancelled, paymentRequested],
);
export const paymentService: Process = {
  ...service(
    'payment',
    4015,
    [paymentRequested, orderCancelled],
    [paymentSucceeded, paymentFailed, paymentRefunded],
  ),
  asksOutside: ['stripe'],
};
export const notificationService: Process = {
  ...service(
    'notification',
    4016,
    [userChallengeIssued, orderConfirmed, orderCancelled, paymentRefunded],
    [notificationSent],
  ),
  asksOutside: ['ses'],
};

export const SERVICES: readonly Process[] = [
  userService,
  productService,
  cartService,
  orderService,
  paymentService,
  notificationService,
];

/** The pages of the shop and their backend: it has no topics and no tables, and calls services for its visitors. */
export const storefront: Process = {
  name: 'storefront',
  runsOn: 'eks',
  port: 4010,
  opsPort: 4110,
  consumes: [],
  publishes: [],
  stores: [],
  calls: [
    userService.name,
    productService.name,
    cartService.name,
    orderService.name,
    paymentService.name,
    CONSOLE,
  ],
};

/** All that answers customers, in one namespace. */
export const SHOP: readonly Process[] = [...SERVICES, storefront];
