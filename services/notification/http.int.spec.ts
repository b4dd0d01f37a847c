// Who sees notifications, and what the pages of the local mailbox may do in a browser.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { orderConfirmed } from '#contracts/shop-topics.ts';
import { encodeCursor } from '#runtime/http/cursor.ts';
import { authorisationCases, outcomeOf, type Prepare } from '../../test/authorisation.ts';
import { freshDatabase } from '../../test/fresh.ts';
import { askAs } from '../../test/host-header.ts';
import { type SpecServer, serveForSpec } from '../../test/serve.ts';
import type { Listed } from './domain.ts';
import { notificationRoutes } from './http.ts';
import { mailTransport } from './mail/transport.ts';
import type { Mailbox } from './mailbox/domain.ts';
import { mailboxRoutes } from './mailbox/http.ts';
import { createMailboxStore } from './mailbox/store.ts';
import { openStage, type Stage } from './test-stage.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let stage: Stage;
let mailbox: Mailbox;
let server: SpecServer;
const admin = { kind: 'user', userId: 'admin', role: 'admin' } as const;

beforeAll(async () => {
  database = await freshDatabase();
  stage = await openStage(database.url);
  mailbox = createMailboxStore(stage.pool);
  const routes = [...notificationRoutes(stage.store), ...mailboxRoutes(mailbox)];
  server = await serveForSpec({ routes, pool: stage.pool, schema: 'notification' });
});
afterAll(async () => {
  await server?.close();
  await stage?.close();
  await database?.drop();
});
beforeEach(async () => {
  await stage.pool.query('TRUNCATE notification, mailbox');
});

async function failedOne(): Promise<string> {
  const total = { amountMinor: 1, currency: 'EUR' };
  const causeId = await stage.arrive(orderConfirmed, { orderId: 'o', userId: 'u', paymentId: 'p', total });
  const { rows } = await stage.pool.query(
    `UPDATE notification SET state = 'failed', reason = 'attempts-exhausted', attempts = 12, finished_at = now()
     WHERE cause_id = $1 RETURNING notification_id`,
    [causeId],
  );
  return rows[0].notification_id;
}
const list = (query = '') =>
  server.request<{ items: Listed[]; next?: string }>('GET', `/notifications${query}`, { as: admin });
const retry = (id: string) =>
  server.request('POST', `/notifications/${id}/retry`, {
    as: admin,
    headers: { 'idempotency-key': randomUUID() },
  });

describe('notifications', () => {
  const prepare: Prepare = async ({ url }) => ({ url: url.replace(':notificationId', await failedOne()) });
  const unserved = { list: async () => [], retry: async () => 'retried' } as never;
  it.each(
    authorisationCases(notificationRoutes(unserved), {
      'GET /notifications': 'admin',
      'POST /notifications/:notificationId/retry': 'admin',
    }),
  )('$name', async (one) => {
    expect(one.expected).toContain(await outcomeOf(server, one, prepare));
  });

  it('are listed by state in pages, newest first, each once', async () => {
    const ids = [await failedOne(), await failedOne(), await failedOne()];
    const first = await list('?limit=2');
    const second = await list(`?limit=2&cursor=${first.body.next}`);
    const listed = [...first.body.items, ...second.body.items].map(({ notificationId }) => notificationId);
    expect(listed).toEqual(ids.toReversed());
    expect(second.body.next).toBeUndefined();
    expect(first.body.items[0]).toMatchObject({
      state: 'failed',
      reason: 'attempts-exhausted',
      attempts: 12,
    });
    expect((await list('?state=sent')).body.items).toEqual([]);
    expect((await list('?cursor=nonsense')).status).toBe(400);
    for (const createdAt of [
      '0000-01-01T00:00:00Z',
      '2026-02-30T00:00:00Z',
      `2026-01-01T00:00:00.${'1'.repeat(200)}Z`,
    ]) {
      const cursor = encodeCursor({ createdAt, notificationId: 'n' });
      expect((await list(`?cursor=${cursor}`)).status).toBe(400);
    }
  });

  it('are due again on request, once failed', async () => {
    const id = await failedOne();
    expect((await retry(id)).status).toBe(202);
    expect(await retry(id)).toMatchObject({ status: 409, body: { code: 'not-failed' } });
    expect((await retry('nowhere')).status).toBe(404);
    expect((await list('?state=pending')).body.items).toMatchObject([{ notificationId: id, attempts: 0 }]);
  });
});

describe('the mailbox page', () => {
  const evil = '<script>alert(1)</script>"onload=x';
  const receive = async (over = {}): Promise<number> => {
    const letter = {
      subject: `Hi ${evil}`,
      text: `${evil}\nhttps://shop.example/a#token=T`,
      html: '<p>Hi</p>',
    };
    await mailbox.send({ messageId: randomUUID(), to: 'ada@mail.example', ...letter, ...over });
    const [mail] = await mailbox.list(1);
    return mail!.mailId;
  };

  it('lists mails in pages, newest first', async () => {
    for (let i = 1; i <= 3; i += 1) await receive({ subject: `Mail ${i}` });
    const first = await server.request('GET', '/mailbox?limit=2');
    expect(first.text.match(/Mail \d/g)).toEqual(['Mail 3', 'Mail 2']);
    const older = /href="(\/mailbox\?before=\d+)"/.exec(first.text)![1]!;
    expect((await server.request('GET', older)).text.match(/Mail \d/g)).toEqual(['Mail 1']);
  });

  it('answers to the names of this machine alone: mails hold tokens', async () => {
    const mailId = await receive();
    const { port } = new URL(server.address);
    for (const path of [
      '/mailbox',
      `/mailbox/${mailId}`,
      `/mailbox/${mailId}/html`,
      '/mailbox/0',
      '/mailbox?limit=1',
    ]) {
      for (const host of [`evil.example:${port}`, 'evil.example', `localhost.evil.example:${port}`]) {
        const { status, text } = await askAs(host, `${server.address}${path}`);
        expect([400, 421]).toContain(status);
        expect(text).not.toContain('token=T');
      }
    }
    expect(await askAs('evil.example', `${server.address}/mailbox`)).toMatchObject({ status: 421 });
    expect((await askAs(`localhost:${port}`, `${server.address}/mailbox/${mailId}`)).text).toContain(
      'token=T',
    );
  });

  it('shows what mails hold as text and never as markup of its own', async () => {
    const mailId = await receive();
    for (const url of ['/mailbox', `/mailbox/${mailId}`]) {
      const { text, headers } = await server.request('GET', url);
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(text).not.toMatch(/<script|"onload/);
      expect(text).toContain('&lt;script&gt;');
    }
    const { text } = await server.request('GET', `/mailbox/${mailId}`);
    expect(text).toContain('<a href="https://shop.example/a#token=T"');
    expect(text).toContain(`<iframe sandbox src="/mailbox/${mailId}/html"`);
  });

  it('runs no script, and the mail’s own HTML is a separate origin', async () => {
    const mailId = await receive({ html: evil });
    const page = await server.request('GET', `/mailbox/${mailId}`);
    const framed = await server.request('GET', `/mailbox/${mailId}/html`);
    for (const { headers } of [page, framed]) {
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).not.toContain('script-src');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
    }
    expect(framed.headers.get('content-security-policy')).toMatch(/^sandbox;/);
    expect(framed.text).toBe(evil);
  });

  it('answers 404 for a mail that is not there and 400 for what is no mail’s id', async () => {
    expect((await server.request('GET', '/mailbox/999999')).status).toBe(404);
    expect((await server.request('GET', '/mailbox/x')).status).toBe(400);
  });
});

describe('the mail transport', () => {
  const settings = {
    MAIL_TRANSPORT: 'smtp',
    MAIL_FROM: 'no-reply@shop.example',
    SHOP_NAME: 'Shop',
    AWS_REGION: 'eu-central-1',
    SMTP_HOST: 'mail.example',
    SMTP_PORT: 587,
    SMTP_TLS: 'starttls',
    SMTP_USER: undefined,
    SMTP_PASSWORD: undefined,
  } as const;

  it('has a page with the mailbox only', () => {
    expect(mailTransport(settings, stage.pool).routes).toEqual([]);
    expect(mailTransport({ ...settings, MAIL_TRANSPORT: 'mailbox' }, stage.pool).routes).toHaveLength(3);
  });

  it.each([
    [{ SMTP_HOST: undefined }, 'SMTP_HOST'],
    [{ MAIL_TRANSPORT: 'ses' as const }, 'SES_CONFIGURATION_SET'],
    [{ SMTP_USER: 'shop' }, 'SMTP_PASSWORD'],
    [{ SMTP_USER: 'shop', SMTP_PASSWORD: 'secret', SMTP_TLS: 'none' as const }, 'SMTP_TLS'],
  ])('refuses settings that do not fit together: %j', (over, variable) => {
    expect(() => mailTransport({ ...settings, ...over }, stage.pool)).toThrow(variable);
  });
});
