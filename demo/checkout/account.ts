// A new customer: registers, finds the mail, confirms the address, signs in.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#runtime/errors.ts';
import type { DemoConfig } from './config.ts';
import { ask } from './http.ts';

export interface Customer {
  readonly userId: string;
  readonly accessToken: string;
}

const MAIL_WAIT_MS_MAX = 30_000;

export async function signUp(config: DemoConfig, say: (line: string) => void): Promise<Customer> {
  const email = `demo-${randomUUID().slice(0, 8)}@example.com`;
  const password = randomUUID();
  await ask(`${config.USER_SERVICE_URL}/users`, {
    method: 'POST',
    body: { email, password, name: 'Demo Customer', locale: 'en' },
  });
  say(`  registered ${email}`);
  const token = await mailedToken(config, email);
  say(`  found the mail at ${config.NOTIFICATION_SERVICE_URL}/mailbox`);
  await ask(`${config.USER_SERVICE_URL}/users/verifications`, { method: 'POST', body: { token, password } });
  const { accessToken } = await ask<{ accessToken: string }>(`${config.USER_SERVICE_URL}/sessions`, {
    method: 'POST',
    body: { email, password },
  });
  const { userId } = await ask<{ userId: string }>(`${config.USER_SERVICE_URL}/users/me`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  say('  confirmed the address and signed in');
  return { userId, accessToken };
}

/** Looks into the mailbox as a person does, page by page. */
async function mailedToken(
  { NOTIFICATION_SERVICE_URL: mailbox }: DemoConfig,
  email: string,
): Promise<string> {
  const deadline = Date.now() + MAIL_WAIT_MS_MAX;
  while (Date.now() < deadline) {
    const list = await (await fetch(`${mailbox}/mailbox?limit=100`)).text();
    for (const [, path] of list.matchAll(/href="(\/mailbox\/\d+)"/g)) {
      const mail = await (await fetch(`${mailbox}${path}`)).text();
      const token = /#token=([A-Za-z0-9_%-]+)/.exec(mail)?.[1];
      if (mail.includes(email) && token) return decodeURIComponent(token);
    }
    await sleep(300);
  }
  throw new AppError('no-mail', `no mail to ${email} came in ${MAIL_WAIT_MS_MAX / 1_000} s`);
}
