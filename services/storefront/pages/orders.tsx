// One order and how far it is, and the list of all.
import type { Order, Payment } from '../bff/answers.ts';
import { Document } from './frame.tsx';
import { Amount, Empty, OwnTime } from './parts.tsx';
import type { OrderLineShown, OrderProps, OrderStateProps, OrdersProps } from './props.ts';

export const OrderView = ({ frame, order, payment, lines, streamUrl, journeyUrl }: OrderProps) => (
  <Document title={`Order ${shortId(order)}`} frame={frame}>
    <nav class="crumbs" aria-label="Breadcrumb">
      <a href="/orders">Your orders</a>
    </nav>
    <div class="cart">
      <section class="order-state" data-stream={streamUrl} tabIndex={-1} aria-label="State of the order">
        <OrderState order={order} payment={payment} locale={frame.locale} />
      </section>
      <section class="panel" aria-labelledby="what">
        <h2 id="what">What you ordered</h2>
        <ul role="list">
          {lines.map((line) => (
            <Line key={line.productId} line={line} locale={frame.locale} />
          ))}
        </ul>
        <p class="sum">
          <span>Total</span>
          <strong>
            <Amount value={order.total} locale={frame.locale} />
          </strong>
        </p>
        <p class="hint">
          Order <span class="code">{order.orderId}</span>
        </p>
        {journeyUrl && (
          <p class="hint">
            <a href={journeyUrl}>How it went through the platform</a>
          </p>
        )}
      </section>
    </div>
    {/* Said by screen readers whenever the state changes; the visible words are above. */}
    <p class="visually-hidden" role="status" data-stream-words />
    {streamUrl && <Reload orderId={order.orderId} />}
  </Document>
);

/** For browsers without scripts, and for a stream that has ended too early. */
const Reload = ({ orderId }: { orderId: string }) => (
  <>
    <noscript>
      <p class="more">
        <a class="button quiet" href={`/orders/${orderId}`}>
          Look again
        </a>
      </p>
    </noscript>
    <p class="more" data-stream-lost hidden>
      News of this order no longer arrive by themselves. <a href={`/orders/${orderId}`}>Look again</a>
    </p>
  </>
);

const Line = ({ line, locale }: { line: OrderLineShown; locale: string }) => (
  <li class="order-line">
    <a class="cart-name" href={`/products/${line.productId}`}>
      <span class="muted">{line.quantity} × </span>
      {line.name}
    </a>
    <p class="cart-total">{line.total && <Amount value={line.total} locale={locale} />}</p>
  </li>
);

/** The part that the stream replaces. */
export const OrderState = ({ order, payment, locale }: OrderStateProps) => {
  const { title, words } = stateOf(order, payment);
  const isOpen = order.status === 'placed' || order.status === 'reserved';
  return (
    <>
      <h1 data-state={order.status}>{title}</h1>
      <p class="lead">{words}</p>
      <Steps order={order} locale={locale} />
      {isOpen && (
        <form method="post" action={`/orders/${order.orderId}/cancel`}>
          <button class="button quiet">Cancel the order</button>
        </form>
      )}
      {order.status === 'cancelled' && (
        <form method="post" action={`/orders/${order.orderId}/again`}>
          <button class="button">Put it into the cart again</button>
        </form>
      )}
    </>
  );
};

type Progress = 'done' | 'now' | 'open' | 'stopped';
const PROGRESS_WORDS: Readonly<Record<Progress, string>> = {
  done: 'done',
  now: 'in progress',
  open: 'not yet',
  stopped: 'stopped here',
};
/** The steps of an order, each with its name while it is under way. */
const STEPS = [
  ['placed', 'Order received', 'Receiving the order'],
  ['reserved', 'Products set aside', 'Setting products aside'],
  ['confirmed', 'Paid and confirmed', 'Payment'],
] as const;

const Steps = ({ order, locale }: { order: Order; locale: string }) => (
  <ol class="steps" role="list">
    {STEPS.map(([status, name, nameNow], index) => {
      const reached = order.history.find((step) => step.status === status);
      const progress = reached ? 'done' : progressOf(order, index);
      const at = reached?.at ?? (progress === 'stopped' ? order.history.at(-1)?.at : undefined);
      return (
        <li key={status} data-progress={progress} aria-current={progress === 'now' ? 'step' : undefined}>
          <span>
            {progress === 'stopped' ? 'Cancelled' : progress === 'now' ? nameNow : name}
            <span class="visually-hidden">: {PROGRESS_WORDS[progress]}</span>
          </span>
          {at && <OwnTime at={at} locale={locale} />}
        </li>
      );
    })}
  </ol>
);

/** Of a step that was not reached. */
function progressOf({ status, history }: Order, index: number): Progress {
  const isNext = STEPS.findIndex(([step]) => !history.some((seen) => seen.status === step)) === index;
  if (!isNext) return 'open';
  return status === 'cancelled' ? 'stopped' : 'now';
}

interface Words {
  readonly title: string;
  readonly words: string;
}

function stateOf(order: Order, payment: Payment | undefined): Words {
  switch (order.status) {
    case 'placed':
      return {
        title: 'We have your order',
        words: 'Your products are being set aside. Nothing is charged yet.',
      };
    case 'reserved':
      return {
        title: 'Waiting for the payment',
        words: 'Your products are set aside, and the bank is being asked.',
      };
    case 'confirmed':
      return {
        title: 'Your order is confirmed',
        words: 'It is paid, and the products are yours. Thank you!',
      };
    case 'cancelled':
      return { title: 'The order is cancelled', words: cancelledWords(order, payment) };
  }
}

function cancelledWords(order: Order, payment: Payment | undefined): string {
  const refund = refundWords(payment);
  switch (order.history.at(-1)?.reason) {
    case 'stock-rejected':
      return 'Something in it was sold out before it could be set aside. Nothing was charged.';
    case 'payment-failed':
      return `${failureWords(payment)} ${refund || 'Nothing was charged, and the products are free again.'}`;
    case 'expired':
      return `It took too long. ${refund || 'If anything was charged, it goes back to you.'}`;
    default:
      return `You cancelled it. ${refund || 'If anything was charged, it goes back to you.'}`;
  }
}

function failureWords(payment: Payment | undefined): string {
  switch (payment?.failureReason) {
    case 'declined':
      return 'Your bank declined the payment.';
    case 'insufficient-funds':
      return 'There was not enough money for the payment.';
    case 'invalid-method':
      return 'The card could not be used.';
    case 'provider-unavailable':
      return 'The bank could not be reached.';
    default:
      return 'The payment did not succeed.';
  }
}

function refundWords(payment: Payment | undefined): string {
  if (payment?.status === 'refunded') return 'Your money has gone back to you.';
  return payment?.status === 'refunding' || payment?.status === 'succeeded'
    ? 'Your money is on its way back to you.'
    : '';
}

const shortId = ({ orderId }: Order): string => orderId.slice(0, 8);

export const OrdersView = ({ frame, orders, nextUrl, isLater }: OrdersProps) => (
  <Document title="Your orders" frame={frame}>
    <h1>Your orders</h1>
    {orders.length === 0 ? (
      <Empty title={isLater ? 'No earlier orders' : 'No orders yet'}>
        <p>
          <a class="button" href={isLater ? '/orders' : '/'}>
            {isLater ? 'To the newest' : 'Look around'}
          </a>
        </p>
      </Empty>
    ) : (
      <ul class="orders" role="list">
        {orders.map((order) => (
          <OrderRow key={order.orderId} order={order} locale={frame.locale} />
        ))}
      </ul>
    )}
    {(nextUrl || (isLater && orders.length > 0)) && (
      <nav class="more pages" aria-label="Pages of orders">
        {isLater && (
          <a class="button quiet" href="/orders">
            Newest orders
          </a>
        )}
        {nextUrl && (
          <a class="button quiet" href={nextUrl}>
            Earlier orders
          </a>
        )}
      </nav>
    )}
  </Document>
);

const STATUS_WORDS: Readonly<Record<Order['status'], string>> = {
  placed: 'Being prepared',
  reserved: 'Waiting for the payment',
  confirmed: 'Confirmed',
  cancelled: 'Cancelled',
};

const OrderRow = ({ order, locale }: { order: Order; locale: string }) => {
  const count = order.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return (
    <li>
      <a class="order-row" href={`/orders/${order.orderId}`}>
        <span class="order-row-name">
          Order {shortId(order)}
          <OwnTime at={order.history[0]!.at} locale={locale} />
        </span>
        <span class="muted">
          {count} {count === 1 ? 'piece' : 'pieces'}
        </span>
        <span class="status" data-status={order.status}>
          {STATUS_WORDS[order.status]}
        </span>
        <strong class="cart-total">
          <Amount value={order.total} locale={locale} />
        </strong>
      </a>
    </li>
  );
};
