// Kafka as a saga sees it: each topic keeps the order of its key, topics overtake each other, and a consumer that was killed reads some
// records again.

/** A record of one order. */
export interface Message {
  readonly topic: string;
  readonly orderId: string;
  readonly data: unknown;
}

export type Handler = (message: Message) => void;

interface Lane {
  readonly consumer: string;
  readonly topic: string;
  readonly orderId: string;
}

/** The log of every topic and order, and how far each consumer has read it. */
export class MessageBus {
  private readonly logs = new Map<string, Message[]>();
  private readonly positions = new Map<string, number>();
  private readonly lanes = new Map<string, Lane>();
  private readonly handlers: ReadonlyMap<string, ReadonlyMap<string, Handler>>;

  /** Handlers by consumer and topic. */
  constructor(consumers: Readonly<Record<string, Readonly<Record<string, Handler>>>>) {
    this.handlers = new Map(
      Object.entries(consumers).map(([name, topics]) => [name, new Map(Object.entries(topics))]),
    );
  }

  publish(message: Message): void {
    const key = `${message.topic}/${message.orderId}`;
    this.logs.set(key, [...(this.logs.get(key) ?? []), message]);
    for (const [consumer, topics] of this.handlers) {
      if (topics.has(message.topic)) this.lanes.set(`${consumer}/${key}`, { consumer, ...message });
    }
  }

  /** Lanes with a record to read. */
  ready(): string[] {
    return [...this.lanes]
      .filter(([name, lane]) => this.position(name) < this.log(lane).length)
      .map(([name]) => name);
  }

  /** Lanes from which a record was read. */
  read(): string[] {
    return [...this.lanes.keys()].filter((name) => this.position(name) > 0);
  }

  deliver(name: string): void {
    const lane = this.lanes.get(name)!;
    const message = this.log(lane)[this.position(name)]!;
    this.handlers.get(lane.consumer)!.get(lane.topic)!(message);
    this.positions.set(name, this.position(name) + 1);
  }

  /** Sets a consumer back by some records, as if it was killed before it committed its position. */
  rewind(name: string, by: number): void {
    this.positions.set(name, Math.max(0, this.position(name) - by));
  }

  private position = (name: string): number => this.positions.get(name) ?? 0;
  private log = ({ topic, orderId }: Lane): Message[] => this.logs.get(`${topic}/${orderId}`) ?? [];
}
