// One contract for address books: the fake of our specs, and the real one over HTTP against the user service's own endpoints.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type SpecServer, serveForSpec } from '../../test/serve.ts';
import { internalRoutes } from '../user/internal-routes.ts';
import { createAddressBook } from './address-book.ts';
import type { AddressBook } from './domain.ts';
import { createFakeAddressBook } from './test-address-book.ts';

const ADA = randomUUID();
const OPEN = randomUUID();
const ada = { email: 'ada@mail.example', locale: 'de' };
const fake = createFakeAddressBook();
fake.people.set(ADA, ada);
fake.challenges.set(OPEN, { ...ada, token: 'T0ken' });

let server: SpecServer;
let tokenOfUs: () => Promise<string>;
beforeAll(async () => {
  const routes = internalRoutes(
    { contact: async (userId) => fake.people.get(userId) },
    {
      writeMail: async (challengeId) => {
        const mail = fake.challenges.get(challengeId);
        return mail && { ...mail, purpose: 'verify-email' };
      },
    },
  );
  server = await serveForSpec({ routes });
  tokenOfUs = () => server.issuer.tokenFor({ kind: 'service', name: 'notification' });
});
afterAll(() => server.close());

const books: [string, () => AddressBook][] = [
  ['the fake', () => fake],
  ['the user service over HTTP', () => createAddressBook(server.address, tokenOfUs)],
];

describe.each(books)('an address book: %s', (_name, book) => {
  it('knows a user’s address and language', async () => {
    expect(await book().contactOf(ADA)).toEqual(ada);
  });

  it('knows no address once a user is erased', async () => {
    expect(await book().contactOf(randomUUID())).toBeUndefined();
  });

  it('gives a challenge’s token, the same each time', async () => {
    expect(await book().challengeMail(OPEN)).toMatchObject({ ...ada, token: 'T0ken' });
    expect(await book().challengeMail(OPEN)).toMatchObject({ token: 'T0ken' });
  });

  it('gives nothing for a challenge that is over', async () => {
    expect(await book().challengeMail(randomUUID())).toBeUndefined();
  });
});

describe('the address book over HTTP', () => {
  const against = async (status: number, body: unknown): Promise<unknown> => {
    const other = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    try {
      return await createAddressBook(`http://127.0.0.1:${port}`, async () => 'token').contactOf(ADA);
    } catch (error) {
      return error;
    } finally {
      other.closeAllConnections();
      other.close();
    }
  };

  it('takes a 404 that is not the user service’s own for a fault and not for an erased user', async () => {
    expect(await against(404, { status: 404, title: 'Not Found' })).toMatchObject({
      code: 'user-service-refused',
    });
  });

  it('is refused with a token that is not ours', async () => {
    const other = () => server.issuer.tokenFor({ kind: 'service', name: 'cart' });
    const asking = createAddressBook(server.address, other).contactOf(ADA);
    await expect(asking).rejects.toMatchObject({ code: 'user-service-refused', facts: { status: 403 } });
  });

  it.each([
    [{ email: 'ada@mail.example\r\nBcc: x@mail.example', locale: 'de' }],
    [{ email: 'ada@mail.example, x@mail.example', locale: 'de' }],
    [{ locale: 'de' }],
  ])('refuses an answer that is no single address, without quoting it: %j', async (body) => {
    const error = await against(200, body);
    expect(error).toMatchObject({ code: 'user-service-unreadable' });
    expect((error as Error).stack).not.toContain('mail.example');
  });
});
