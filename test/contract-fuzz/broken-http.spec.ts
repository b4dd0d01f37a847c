import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openApi } from '#runtime/http/openapi.ts';
import type { Document } from '../contracts/openapi-rules.ts';
import { type SpecServer, serveForSpec } from '../serve.ts';
import { BROKEN_HTTP, sendBytes } from './broken-http.ts';
import { judgeBy } from './verdict.ts';

let server: SpecServer;
beforeAll(async () => {
  server = await serveForSpec({ routes: [] });
});
afterAll(() => server.close());

describe('a server that is sent', () => {
  const judge = judgeBy(openApi('bare', []) as unknown as Document);
  const sent = { method: 'NONE', target: '', headers: {}, body: undefined };

  it.each(Object.keys(BROKEN_HTTP))('%s answers by a problem, or closes', async (what) => {
    const answer = await sendBytes(server.address, BROKEN_HTTP[what]!);
    // Node itself refuses a request without a host, with no body.
    const isEmpty = answer?.status === 400 && answer.headers['content-type'] === undefined;
    if (answer && answer.status >= 400 && !isEmpty) {
      expect(judge(sent, answer)).toEqual([]);
    }
    expect((await server.request('GET', '/livez')).status).toBe(200);
  });
});
