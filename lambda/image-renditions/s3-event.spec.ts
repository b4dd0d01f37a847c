import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeKey, readS3Event } from './s3-event.ts';

const record = (object: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  eventName: 'ObjectCreated:Put',
  eventTime: '2026-11-24T08:14:00.000Z',
  s3: { bucket: { name: 'raw' }, object: { key: 'uploads/p/u.jpg', sequencer: '0055AED6', ...object } },
  ...more,
});

describe('reading an S3 notification', () => {
  it('decodes the key, keeps size, time and tag', () => {
    const event = {
      Records: [record({ key: 'uploads/%C3%A4+%2B.jpg', size: 12, eTag: 'abc', versionId: 'v9' })],
    };
    expect(readS3Event(event)).toEqual({
      malformed: [],
      objects: [
        {
          bucket: 'raw',
          key: 'uploads/ä +.jpg',
          version: 'v9',
          versionId: 'v9',
          eTag: 'abc',
          bytes: 12,
          eventTime: '2026-11-24T08:14:00.000Z',
        },
      ],
    });
  });

  it('takes the sequencer for the version where the bucket keeps none', () => {
    for (const versionId of [undefined, 'null', '']) {
      const [object] = readS3Event({ Records: [record({ versionId })] }).objects;
      expect(object).toMatchObject({ version: '0055AED6' });
      expect(object).not.toHaveProperty('versionId');
    }
  });

  it('reverses the encoding of every key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (key) => {
        expect(decodeKey(encodeURIComponent(key).replaceAll('%20', '+'))).toBe(key);
      }),
    );
  });

  it('never throws, with any argument', () => {
    fc.assert(fc.property(fc.anything(), (value) => void readS3Event(value)));
    fc.assert(fc.property(fc.string(), (key) => void decodeKey(key)));
    expect(decodeKey('%zz')).toBe('%zz');
  });

  it('leaves out what is no creation: removals and the test event', () => {
    const removed = record({}, { eventName: 'ObjectRemoved:Delete' });
    expect(readS3Event({ Records: [removed] }).objects).toEqual([]);
    expect(readS3Event({ Service: 'Amazon S3', Event: 's3:TestEvent' })).toEqual({
      objects: [],
      malformed: [],
    });
  });

  it('reports a record that S3 could not have sent', () => {
    const event = {
      Records: [
        record({ key: '' }),
        record({ sequencer: undefined }),
        record({}, { eventTime: 'yesterday' }),
        record({}, { s3: { object: { key: 'x' } } }),
        record({}),
      ],
    };
    expect(readS3Event(event).malformed).toHaveLength(4);
    expect(readS3Event(event).objects).toHaveLength(1);
  });
});
