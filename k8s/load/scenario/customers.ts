// Where customers come from and where they go: each registers, finds the mail, proves the address and signs in, and at the end erases
// the account. Needs the mailbox of a laptop; where mails are really sent no customer can register (profiles.ts).
import { type Ask, ask, type Journey, pause } from './step.ts';

/** A signed-in customer. */
export interface Customer {
  readonly accessToken: string;
  readonly refreshToken: string;
}

const MAIL_LOOKS_MAX = 60;
const MAIL_LOOK_EVERY_S = 0.5;

/** @param id one that no other customer has */
export function* openAccount(id: string, password: string): Journey<Customer> {
  const email = `load-${id}@example.com`;
  yield* ask({
    name: 'register',
    service: 'user',
    method: 'POST',
    path: '/users',
    answers: [202],
    body: { email, password, name: 'Load Customer', locale: 'en' },
  });
  const token = yield* mailedToken(email);
  yield* ask({
    name: 'verify',
    service: 'user',
    method: 'POST',
    path: '/users/verifications',
    answers: [204],
    body: { token, password },
  });
  return customerOf(yield* ask(signIn(email, password)));
}

const signIn = (email: string, password: string): Ask => ({
  name: 'sign-in',
  service: 'user',
  method: 'POST',
  path: '/sessions',
  answers: [201],
  body: { email, password },
});

/** New tokens for the old ones, which are used up. */
export function* renewSession({ refreshToken }: Customer): Journey<Customer> {
  return customerOf(
    yield* ask({
      name: 'refresh',
      service: 'user',
      method: 'POST',
      path: '/sessions/refresh',
      answers: [200],
      body: { refreshToken },
    }),
  );
}

export function* closeAccount({ accessToken }: Customer): Journey<void> {
  yield* ask({
    name: 'erase',
    service: 'user',
    method: 'DELETE',
    path: '/users/me',
    answers: [204],
    token: accessToken,
  });
}

function customerOf({ text }: { readonly text: string }): Customer {
  const { accessToken, refreshToken } = JSON.parse(text) as Customer;
  return { accessToken, refreshToken };
}

function* mailedToken(email: string): Journey<string> {
  for (let look = 0; look < MAIL_LOOKS_MAX; look += 1) {
    const list = yield* ask(mailbox('mailbox', '/mailbox?limit=20'));
    const row = list.text.split('<tr>').find((one) => one.includes(`<td>${email}</td>`));
    const path = row && /href="(\/mailbox\/\d+)"/.exec(row)?.[1];
    if (path) {
      const mail = yield* ask(mailbox('mail', path));
      const token = /#token=([A-Za-z0-9_%-]+)/.exec(mail.text)?.[1];
      if (token) return decodeURIComponent(token);
    }
    yield* pause(MAIL_LOOK_EVERY_S);
  }
  throw new Error(`no mail to ${email} came in ${MAIL_LOOKS_MAX * MAIL_LOOK_EVERY_S} s`);
}

const mailbox = (name: string, path: string): Ask => ({
  name,
  service: 'notification',
  method: 'GET',
  path,
  answers: [200],
});
