// The product service's part of the saga by its own decisions: one product and its reservations.
import type { OrderPlaced } from '#contracts/orders.ts';
import * as stock from '../../services/product/stock/domain.ts';
import type { Handler, Message } from './message-bus.ts';

export const PRODUCT = 'lamp';

export interface WarehouseSurroundings {
  readonly publish: (message: Message) => void;
  readonly onImpossible: (what: string) => void;
  /** Takes each `order.placed` for a new one. */
  readonly forgets?: boolean | undefined;
}

export class Warehouse {
  readonly shelf: { onHand: number; reserved: number };
  private readonly reservations = new Map<string, stock.Reservation>();
  private readonly surroundings: WarehouseSurroundings;

  constructor(onHand: number, surroundings: WarehouseSurroundings) {
    this.shelf = { onHand, reserved: 0 };
    this.surroundings = surroundings;
  }

  readonly handlers: Readonly<Record<string, Handler>> = {
    'order.placed': ({ orderId, data }) => {
      if (this.surroundings.forgets) this.reservations.delete(orderId);
      this.take(orderId, { kind: 'reserve', order: data as OrderPlaced });
    },
    'order.confirmed': ({ orderId, data }) =>
      this.take(orderId, { kind: 'sell', order: data as stock.OrderFacts }),
    'order.cancelled': ({ orderId, data }) =>
      this.take(orderId, { kind: 'release', order: data as stock.OrderFacts }),
  };

  private take(orderId: string, command: stock.Command): void {
    const reservation: stock.Reservation = this.reservations.get(orderId) ?? {
      state: 'unknown',
      lines: [],
      shelves: [],
    };
    const shelves = [{ productId: PRODUCT, isActive: true, ...this.shelf }];
    const decision = stock.decide(command, { ...reservation, shelves });
    if (decision.kind === 'impossible')
      this.surroundings.onImpossible(`stock ${reservation.state}: ${decision.why}`);
    if (decision.kind !== 'happened') return;
    const [event] = decision.events;
    this.reservations.set(orderId, stock.evolve(reservation, event));
    if (event.kind !== 'rejected') this.move(event.kind, event.lines);
    if (event.kind === 'reserved' || event.kind === 'rejected')
      this.surroundings.publish({ topic: `stock.${event.kind}`, orderId, data: {} });
  }

  private move(movement: stock.Movement, lines: readonly stock.ReservationLine[]): void {
    for (const { quantity } of lines) {
      const change = stock.stockChange(movement, quantity);
      this.shelf.onHand += change.onHand;
      this.shelf.reserved += change.reserved;
    }
  }
}
