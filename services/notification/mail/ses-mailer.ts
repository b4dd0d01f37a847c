// Mails in, Amazon SES out, by its API and by the process's own role on AWS: there is no password to steal, or to renew. Every wait is
// bounded, and no error names an address.
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { createTransport } from 'nodemailer';
import { AppError } from '#runtime/errors.ts';
import type { Mail, Mailer } from '../domain.ts';

export interface SesSettings {
  readonly region: string;
  /** Says how SES treats the mails: TLS only, and never again to an address that bounced. */
  readonly configurationSet: string;
  readonly from: { readonly name: string; readonly address: string };
  /** Another address than AWS's own. @default AWS's */
  readonly endpoint?: string;
  /** For a whole mail. @default 20_000 */
  readonly sendMsMax?: number;
}

const CONNECT_MS_MAX = 5_000;
const SILENCE_MS_MAX = 10_000;
/** One address and no list: SES would take a comma for the end of the first. */
const ONE_ADDRESS = /^[^\s,;<>()"@]+@[^\s,;<>()"@]+$/;

export function createSesMailer(settings: SesSettings): Mailer {
  const { from, configurationSet, sendMsMax = 20_000 } = settings;
  const transport = createTransport({
    SES: { sesClient: boundedClient(settings, sendMsMax), SendEmailCommand },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async ({ messageId, to, subject, text, html }: Mail) => {
      if (!ONE_ADDRESS.test(to)) return 'refused';
      try {
        await transport.sendMail({
          // SES writes its own over it (Amazon SES, "Header fields in Amazon SES"): the README says what follows.
          messageId: `<${messageId}>`,
          from,
          to: { name: '', address: to },
          subject,
          text,
          html,
          // RFC 3834 §5: nobody's absence note shall answer.
          headers: { 'Auto-Submitted': 'auto-generated' },
          ses: { ConfigurationSetName: configurationSet },
        });
        return 'accepted';
      } catch (error) {
        throw notSent(error as SesError);
      }
    },
  };
}

/** Tries once: the sender tries again, with pauses and a count. */
function boundedClient({ region, endpoint }: SesSettings, sendMsMax: number) {
  const client = new SESv2Client({
    region,
    ...(endpoint ? { endpoint } : {}),
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECT_MS_MAX,
      requestTimeout: SILENCE_MS_MAX,
      throwOnRequestTimeout: true,
    },
  });
  return {
    config: client.config,
    send: (command: SendEmailCommand) =>
      client.send(command, { abortSignal: AbortSignal.timeout(sendMsMax) }),
  };
}

interface SesError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Without message and cause: SES quotes the address that it does not like. */
function notSent({ name, $metadata }: SesError): AppError {
  const status = $metadata?.httpStatusCode;
  return new AppError(
    'mail-not-sent',
    `Amazon SES did not take the mail (${[name, status].filter(Boolean).join(': ')})`,
    {
      code: name,
      status,
    },
  );
}
