// What a service listens to: a topic and what to do with each of its events. The service's runtime joins the group.
import type { Event } from '#contracts/envelope.ts';
import type { Topic } from '#contracts/topic.ts';

export interface Subscription {
  readonly topic: Topic<unknown>;
  readonly handle: (event: Event<unknown>) => Promise<void>;
}

/** Must be repeatable: the same event may come again. */
export const subscription = <Data>(
  topic: Topic<Data>,
  handle: (event: Event<Data>) => Promise<void>,
): Subscription => ({
  topic,
  // The consumer decodes by the topic's own contract, so that the data is what the handler takes.
  handle: (event) => handle(event as Event<Data>),
});
