import { describe, expect, it } from '@jest/globals';
import { faultOf } from './send-faults.ts';

/** As kafkajs hands it over (its own errors are for the specs on the broker): wrapped once it has given up. */
const wrapped = (type: string): Error =>
  new Error('retries exceeded', { cause: Object.assign(new Error('from the broker'), { type }) });

describe('a failed send', () => {
  it.each(['MESSAGE_TOO_LARGE', 'INVALID_TOPIC_EXCEPTION', 'INVALID_RECORD'])(
    'is the fault of the record when the broker says %s',
    (type) => expect(faultOf(wrapped(type))).toEqual({ of: 'record', reason: type }),
  );

  it.each(['UNKNOWN_TOPIC_OR_PARTITION', 'TOPIC_AUTHORIZATION_FAILED'])(
    'is the fault of the topic when the broker says %s',
    (type) => expect(faultOf(wrapped(type))).toEqual({ of: 'topic', reason: type }),
  );

  it.each([
    'NOT_LEADER_FOR_PARTITION',
    'NOT_ENOUGH_REPLICAS',
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    'SASL_AUTHENTICATION_FAILED',
  ])('is an outage when the broker says %s', (type) =>
    expect(faultOf(wrapped(type))).toEqual({ of: 'outage', reason: type }),
  );

  it('is an outage when there is no broker', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { name: 'KafkaJSConnectionError' });
    const given = new Error('retries exceeded', { cause: refused });
    expect(faultOf(given)).toEqual({ of: 'outage', reason: 'KafkaJSConnectionError' });
  });

  it('is an outage when it is unknown; a circle of causes comes to an end', () => {
    const error = new TypeError('x is undefined');
    error.cause = error;
    expect(faultOf(error)).toEqual({ of: 'outage', reason: 'TypeError' });
    expect(faultOf('thrown')).toEqual({ of: 'outage', reason: 'unknown' });
  });
});
