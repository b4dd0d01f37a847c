import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { GcsStage } from '../local/gcs/test-stage.ts';
import { createGcs, readObject } from './gcs.ts';

const stage = new GcsStage();
beforeAll(() => stage.open());
afterEach(() => {
  stage.onRequest = () => undefined;
});
afterAll(() => stage.close());

const gcs = () =>
  createGcs({ projectId: 'local', endpoint: stage.address, retryCountMax: 1, totalTimeoutS: 5 });
const NAME = 'a folder/ö %2F.ndjson';
const CONTENT = '{"bytes":9007199254740993}\n';

it('reads an object whole, whatever its name, and none where there is none', async () => {
  await stage.save(NAME, CONTENT);
  expect(await readObject(gcs(), 'results', NAME)).toBe(CONTENT);
  expect(await readObject(gcs(), 'results', 'another')).toBeUndefined();
});

it.each([429, 503])('asks again after HTTP %i', async (status) => {
  await stage.save(NAME, CONTENT);
  let faults = 2;
  stage.onRequest = () => (faults-- > 0 ? { status } : undefined);
  expect(await readObject(gcs(), 'results', NAME)).toBe(CONTENT);
  expect(faults).toBe(-1);
});

it('gives up after three repeats, with the object in the message, and at once where asking again is no use', async () => {
  let asked = 0;
  let status = 503;
  stage.onRequest = () => {
    asked += 1;
    return { status };
  };
  await expect(readObject(gcs(), 'results', NAME)).rejects.toThrow(
    `gs://results/${NAME} cannot be read: HTTP 503`,
  );
  expect(asked).toBe(4);
  status = 403;
  asked = 0;
  await expect(readObject(gcs(), 'results', NAME)).rejects.toThrow('HTTP 403');
  expect(asked).toBe(1);
});
