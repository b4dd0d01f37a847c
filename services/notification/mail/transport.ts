// Settings in, the mailer that they choose out, and what it adds to the service's endpoints.

import { AppError } from '#runtime/errors.ts';
import type { Route } from '#runtime/http/api.ts';
import { knownHosts } from '#runtime/http/hosts.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import type { NotificationConfig } from '../config.ts';
import type { Mailer } from '../domain.ts';
import { mailboxRoutes } from '../mailbox/http.ts';
import { createMailboxStore } from '../mailbox/store.ts';
import { createSesMailer } from './ses-mailer.ts';
import { createSmtpMailer } from './smtp-mailer.ts';

type MailConfig = Pick<
  NotificationConfig,
  | 'MAIL_TRANSPORT'
  | 'MAIL_FROM'
  | 'SHOP_NAME'
  | 'SES_CONFIGURATION_SET'
  | 'AWS_REGION'
  | 'AWS_ENDPOINT_URL_SESV2'
  | 'SMTP_HOST'
  | 'SMTP_PORT'
  | 'SMTP_TLS'
  | 'SMTP_USER'
  | 'SMTP_PASSWORD'
> &
  Partial<Pick<NotificationConfig, 'ALLOWED_HOSTS'>>;

/**
 * The mailer of these settings. The mailbox page exists with the mailbox alone: where mails go out there is nothing to see.
 * @throws AppError `config-invalid` for settings that do not fit together
 */
export function mailTransport(config: MailConfig, pool: Pool): { mailer: Mailer; routes: readonly Route[] } {
  if (config.MAIL_TRANSPORT === 'mailbox') {
    const mailbox = createMailboxStore(pool);
    return { mailer: mailbox, routes: mailboxRoutes(mailbox, knownHosts(config.ALLOWED_HOSTS)) };
  }
  if (config.MAIL_TRANSPORT === 'ses') return { mailer: sesMailer(config), routes: [] };
  return { mailer: smtpMailer(config), routes: [] };
}

const senderOf = ({ SHOP_NAME, MAIL_FROM }: MailConfig) => ({ name: SHOP_NAME, address: MAIL_FROM });

function sesMailer(config: MailConfig): Mailer {
  const {
    SES_CONFIGURATION_SET: configurationSet,
    AWS_REGION: region,
    AWS_ENDPOINT_URL_SESV2: endpoint,
  } = config;
  if (!configurationSet) throw invalid('SES_CONFIGURATION_SET', 'MAIL_TRANSPORT=ses needs it');
  const from = senderOf(config);
  return createSesMailer({ region, configurationSet, from, ...(endpoint ? { endpoint } : {}) });
}

function smtpMailer(config: MailConfig): Mailer {
  const { SMTP_HOST: host, SMTP_USER: user, SMTP_PASSWORD: password } = config;
  if (!host) throw invalid('SMTP_HOST', 'MAIL_TRANSPORT=smtp needs it');
  if (!user !== !password) throw invalid('SMTP_USER, SMTP_PASSWORD', 'one needs the other');
  if (user && config.SMTP_TLS === 'none') throw invalid('SMTP_TLS', 'a password is not sent in the clear');
  return createSmtpMailer({
    host,
    port: config.SMTP_PORT,
    tls: config.SMTP_TLS,
    ...(user && password ? { credentials: { user, password } } : {}),
    from: senderOf(config),
  });
}

const invalid = (variables: string, why: string): AppError =>
  new AppError('config-invalid', `The environment is not usable:\n  ${variables}: ${why}`);
