// The product service's side of the saga by its own decisions: one product, and the reservations of it.
import type { OrderPlaced } from '#contracts/orders.ts';
import * as stock from '../../services/product/stock/domain.ts';
import type { Handler, Message } from './message-bus.ts';

export const PRODUCT = 'lamp';

export interface WarehouseSurroundings {
  readonly publish: (message: Message) => void;
  readonly onImpossible: (what: string) => void;
  /** Each order.placed is taken for the first. */
  readonly forgets?: boolean | undefined;
}

export class Warehouse {
  readonly shelf: { onHand: number; reserved: number };
  private readonly reservations = new Map<string, { state: stock.ReservationState; quantity: number }>();
  private readonly surroundings: WarehouseSurroundings;

  constructor(onHand: number, surroundings: WarehouseSurroundings) {
    this.shelf = { onHand, reserved: 0 };
    this.surroundings = surroundings;
  }

  readonly handlers: Readonly<Record<string, Handler>> = {
    'order.placed': (message) => this.reserve(message),
    'order.confirmed': ({ orderId }) => this.finish(orderId, stock.decideConfirmed(this.stateOf(orderId))),
    'order.cancelled': ({ orderId }) => this.finish(orderId, stock.decideCancelled(this.stateOf(orderId))),
  };

  private stateOf = (orderId: string): stock.ReservationState =>
    this.reservations.get(orderId)?.state ?? 'unknown';

  private reserve({ orderId, data }: Message): void {
    const lines = stock.mergeLines((data as OrderPlaced).lines);
    const state = this.surroundings.forgets ? 'unknown' : this.stateOf(orderId);
    const shelf = { productId: PRODUCT, isActive: true, ...this.shelf };
    const decision = stock.decidePlaced(state, lines, [shelf]);
    if (decision.kind === 'ignore') return;
    const { quantity } = lines[0]!;
    const isReserved = decision.kind === 'reserve';
    if (isReserved) this.move('reserve', quantity);
    this.reservations.set(orderId, { state: isReserved ? 'open' : 'rejected', quantity });
    this.surroundings.publish({ topic: isReserved ? 'stock.reserved' : 'stock.rejected', orderId, data: {} });
  }

  private finish(
    orderId: string,
    decision: ReturnType<typeof stock.decideConfirmed | typeof stock.decideCancelled>,
  ): void {
    const { quantity } = this.reservations.get(orderId) ?? { quantity: 0 };
    if (decision === 'impossible') this.surroundings.onImpossible(`stock ${this.stateOf(orderId)}`);
    if (decision === 'sell' || decision === 'release') {
      this.move(decision, quantity);
      this.reservations.set(orderId, { state: decision === 'sell' ? 'final' : 'released', quantity });
    }
    if (decision === 'remember') this.reservations.set(orderId, { state: 'released', quantity: 0 });
  }

  private move(movement: stock.Movement, quantity: number): void {
    const change = stock.stockChange(movement, quantity);
    this.shelf.onHand += change.onHand;
    this.shelf.reserved += change.reserved;
  }
}
