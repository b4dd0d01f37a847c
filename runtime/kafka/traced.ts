// A handler of events as spans: what it causes continues the trace that brought the event.
import type { Event } from '#contracts/envelope.ts';
import { inSpan } from '../telemetry.ts';

type Handle = (event: Event<unknown>) => Promise<void>;

/** The handler in a span of its own, in the event's trace context. */
export const traced =
  (topic: string, group: string, handle: Handle): Handle =>
  (event) => {
    const attributes = {
      'messaging.system': 'kafka',
      'messaging.destination.name': topic,
      'messaging.consumer.group.name': group,
      'messaging.message.id': event.id,
    };
    const span = { kind: 'consumer', parent: event.traceparent, attributes } as const;
    return inSpan(`process ${topic}`, span, (traceparent) => handle({ ...event, traceparent }));
  };
