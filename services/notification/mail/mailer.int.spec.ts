// One contract for all mailers, held against a real SMTP server, against SES's API and against the local mailbox; then what only one
// of them can do.
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import getTlsOptions from 'smtp-server/lib/tls-options.js';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { freshDatabase } from '../../../test/fresh.ts';
import type { Mail, Mailer } from '../domain.ts';
import type { Mailbox } from '../mailbox/domain.ts';
import { createMailboxStore } from '../mailbox/store.ts';
import { createSesMailer, type SesSettings } from './ses-mailer.ts';
import { createSmtpMailer, type SmtpSettings } from './smtp-mailer.ts';
import { type MailServer, startMailServer } from './test-mail-server.ts';
import { startTestSes, type TestSes } from './test-ses.ts';

const log = createLogger('spec', 'silent');
let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let mailbox: Mailbox;
let server: MailServer;
let amazon: TestSes;

const smtp = (port: number, over: Partial<SmtpSettings> = {}): Mailer =>
  createSmtpMailer({
    host: '127.0.0.1',
    port,
    tls: 'none',
    from: { name: 'Shop', address: 'no-reply@shop.example' },
    ...over,
  });

const ses = (over: Partial<SesSettings> = {}): Mailer =>
  createSesMailer({
    region: 'eu-central-1',
    endpoint: amazon.endpoint,
    configurationSet: 'shop-dev-shop',
    from: { name: 'Shop', address: 'no-reply@shop.example' },
    ...over,
  });
/** In place of a pod's identity. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' };

beforeAll(async () => {
  Object.assign(process.env, CREDENTIALS);
  amazon = await startTestSes();
  database = await freshDatabase();
  pool = createPool({ connectionString: database.url, applicationName: 'spec', schema: 'notification', log });
  await migrateService(pool, 'notification', `${import.meta.dirname}/../migrations`, log);
  mailbox = createMailboxStore(pool);
  server = await startMailServer({ onRcptTo: ({ address }, _session, done) => done(answerTo(address)) });
});
afterAll(async () => {
  for (const name of Object.keys(CREDENTIALS)) delete process.env[name];
  await amazon?.close();
  await server?.close();
  await pool?.end();
  await database?.drop();
});

/** The server's word on an address is in the address. */
function answerTo(address: string): Error | null {
  const code = Number(/^refuse-(\d{3})@/.exec(address)?.[1]);
  return code ? Object.assign(new Error(`no ${address}`), { responseCode: code }) : null;
}

let count = 0;
const mail = (over: Partial<Mail> = {}): Mail => ({
  messageId: `m${(count += 1)}@shop.example`,
  to: `reader-${count}@mail.example`,
  subject: 'Ihre Bestellung wurde bestätigt, und dieser Betreff ist länger als eine Zeile: 12,00 €',
  text: 'Guten Tag,\n\n.\nStraße = Weg, 12,00 €',
  html: '<p>Straße &amp; Weg, 12,00 €</p>',
  ...over,
});

interface Seen {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}
const adapters: [string, () => Mailer, (to: string) => Promise<Seen[]>][] = [
  [
    'SMTP',
    () => smtp(server.port),
    async (to) =>
      server.mails
        .filter(({ recipients }) => recipients.includes(to))
        .map(({ headers, text, html }) => ({ subject: headers.subject!, text, html })),
  ],
  [
    'Amazon SES',
    () => ses(),
    async (to) =>
      amazon.mails
        .filter(({ recipients }) => recipients.includes(to))
        .map(({ headers, text, html }) => ({ subject: headers.subject!, text, html })),
  ],
  [
    'the local mailbox',
    () => mailbox,
    async (to) =>
      (await mailbox.list(100))
        .filter(({ recipient }) => recipient === to)
        .map(({ subject, text, html }) => ({ subject, text, html })),
  ],
];

describe.each(adapters)('a mailer: %s', (_name, mailer, arrivedAt) => {
  it('delivers subject, text and HTML as they were written', async () => {
    const sent = mail();
    expect(await mailer().send(sent)).toBe('accepted');
    const { subject, text, html } = sent;
    expect(await arrivedAt(sent.to)).toEqual([{ subject, text, html }]);
  });

  it('delivers to one recipient, whatever is in the address', async () => {
    const [friend, victim] = ['friend@mail.example', 'victim@mail.example'];
    await mailer()
      .send(mail({ to: `${friend}, ${victim}` }))
      .catch(() => {});
    for (const to of [friend, victim]) expect(await arrivedAt(to)).toEqual([]);
  });

  it('lets no subject add a header', async () => {
    const sent = mail({ subject: 'Hello\r\nBcc: victim2@mail.example' });
    await mailer().send(sent);
    expect(await arrivedAt('victim2@mail.example')).toEqual([]);
    expect(await arrivedAt(sent.to)).toHaveLength(1);
  });
});

describe('the local mailbox', () => {
  it('keeps a repeated mail once', async () => {
    const sent = mail();
    await mailbox.send(sent);
    expect(await mailbox.send(sent)).toBe('accepted');
    expect((await mailbox.list(100)).filter(({ recipient }) => recipient === sent.to)).toHaveLength(1);
  });
});

describe('Amazon SES', () => {
  it('is asked for the domain’s rules, from the shop’s address, with the mark that a machine wrote', async () => {
    const sent = mail();
    await ses().send(sent);
    const request = amazon.requests.find(({ Destination }) => Destination.ToAddresses.includes(sent.to));
    expect(request).toMatchObject({
      FromEmailAddress: 'Shop <no-reply@shop.example>',
      ConfigurationSetName: 'shop-dev-shop',
    });
    const arrived = amazon.mails.find(({ recipients }) => recipients.includes(sent.to));
    expect(arrived?.headers).toMatchObject({ 'auto-submitted': 'auto-generated' });
  });

  it.each(['MessageRejected', 'TooManyRequestsException', 'SendingPausedException'])(
    'is asked again later after %s, once each time, and no error names the address',
    async (reason) => {
      const error: Error = await ses()
        .send(mail({ to: `refuse-${reason}@mail.example` }))
        .then(
          () => new Error('was sent'),
          (thrown: Error) => thrown,
        );
      expect(error).toMatchObject({ code: 'mail-not-sent', facts: { code: reason } });
      expect(amazon.tries.filter((to) => to.startsWith(`refuse-${reason}@`))).toHaveLength(1);
      expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(/@mail\.example/);
    },
  );

  it('takes nothing that is not one address', async () => {
    for (const to of ['a@mail.example,b@mail.example', 'nobody', 'a@b@mail.example', '"x" <a@mail.example>'])
      expect(await ses().send(mail({ to }))).toBe('refused');
  });

  it('is given up in time when it never answers, and when nothing listens there', async () => {
    await expect(ses({ sendMsMax: 300 }).send(mail({ to: 'silent@mail.example' }))).rejects.toMatchObject({
      code: 'mail-not-sent',
    });
    await expect(ses({ endpoint: 'http://127.0.0.1:1' }).send(mail())).rejects.toMatchObject({
      code: 'mail-not-sent',
    });
  }, 5_000);
});

describe('SMTP', () => {
  it('names the mail by its Message-ID and marks it as written by a machine', async () => {
    const sent = mail();
    await smtp(server.port).send(sent);
    expect(server.mails.find(({ recipients }) => recipients.includes(sent.to))?.headers).toMatchObject({
      'message-id': `<${sent.messageId}>`,
      'auto-submitted': 'auto-generated',
      from: 'Shop <no-reply@shop.example>',
    });
  });

  it('distinguishes an unknown recipient, which is final, from one to be tried later', async () => {
    expect(await smtp(server.port).send(mail({ to: 'refuse-550@mail.example' }))).toBe('refused');
    await expect(smtp(server.port).send(mail({ to: 'refuse-450@mail.example' }))).rejects.toMatchObject({
      code: 'mail-not-sent',
      facts: { responseCode: 450 },
    });
  });

  it('names no address in its errors', async () => {
    const error: Error = await smtp(server.port)
      .send(mail({ to: 'refuse-451@mail.example' }))
      .then(
        () => new Error('was sent'),
        (thrown: Error) => thrown,
      );
    expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(/@mail\.example/);
    expect(error.message).toContain('451');
  });

  it('throws when nothing listens there', async () => {
    const gone = await startMailServer();
    await gone.close();
    await expect(smtp(gone.port).send(mail())).rejects.toMatchObject({ code: 'mail-not-sent' });
  });

  it('gives up a server that never ends, in time', async () => {
    const sockets: Socket[] = [];
    const dripping = createServer((socket) => {
      sockets.push(socket.on('error', () => {}));
      socket.write('220 hello\r\n');
      // Something every now and then keeps every timer for silence at rest.
      const drip = setInterval(() => socket.write('250-more\r\n'), 50);
      socket.on('close', () => clearInterval(drip));
    });
    await new Promise<void>((resolve) => dripping.listen(0, '127.0.0.1', resolve));
    const { port } = dripping.address() as { port: number };
    await expect(smtp(port, { sendMsMax: 500 }).send(mail())).rejects.toMatchObject({
      code: 'mail-not-sent',
    });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => dripping.close(resolve));
  }, 5_000);

  it('sends nothing in the clear where TLS is asked for, nor to a server whose certificate is not trusted', async () => {
    const plain = smtp(server.port, { tls: 'starttls' });
    await expect(plain.send(mail())).rejects.toMatchObject({ code: 'mail-not-sent' });
    const selfSigned = await startMailServer({ ...getTlsOptions(), hideSTARTTLS: false });
    await expect(smtp(selfSigned.port, { tls: 'starttls' }).send(mail())).rejects.toMatchObject({
      code: 'mail-not-sent',
    });
    expect(selfSigned.mails).toEqual([]);
    await selfSigned.close();
  });
});
