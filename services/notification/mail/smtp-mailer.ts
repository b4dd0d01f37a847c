// Mails in, a mail server out, by SMTP (also that of Amazon SES). Every wait is bounded, and no error names an address.
import { createTransport } from 'nodemailer';
import { AppError } from '#runtime/errors.ts';
import type { Mail, Mailer } from '../domain.ts';

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** `starttls` refuses a server that does not offer it; `none` is for servers of this machine. */
  readonly tls: 'starttls' | 'implicit' | 'none';
  readonly credentials?: { readonly user: string; readonly password: string };
  readonly from: { readonly name: string; readonly address: string };
  /** For a whole mail. @default 20_000 */
  readonly sendMsMax?: number;
}

const CONNECT_MS_MAX = 5_000;
const SILENCE_MS_MAX = 10_000;

/** A connection for each mail: a pool would keep mails that we have given up, and send them after all. */
export function createSmtpMailer(settings: SmtpSettings): Mailer {
  const { host, port, tls, credentials, from, sendMsMax = 20_000 } = settings;
  const transport = createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2' },
    ...(credentials ? { auth: { user: credentials.user, pass: credentials.password } } : {}),
    dnsTimeout: CONNECT_MS_MAX,
    connectionTimeout: CONNECT_MS_MAX,
    greetingTimeout: CONNECT_MS_MAX,
    socketTimeout: SILENCE_MS_MAX,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async ({ messageId, to, subject, text, html }: Mail) => {
      try {
        await transport.sendMail({
          signal: AbortSignal.timeout(sendMsMax),
          messageId: `<${messageId}>`,
          from,
          // As an object: of a text with a comma the library makes two recipients.
          to: { name: '', address: to },
          subject,
          text,
          html,
          // RFC 3834 §5: nobody's absence note shall answer.
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return 'accepted';
      } catch (error) {
        if (isRefusal(error as SmtpError)) return 'refused';
        throw notSent(error as SmtpError);
      }
    },
  };
}

interface SmtpError extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
}

/** A 5xx to RCPT TO is about the recipient (RFC 5321 §4.2.1). To MAIL FROM, AUTH or DATA it may be about us, and pass. */
const isRefusal = ({ code, command, responseCode = 0 }: SmtpError): boolean =>
  (command === 'RCPT TO' && responseCode >= 500) || (code === 'EENVELOPE' && command === 'API');

/** Without message and cause: the server's words and the library's own quote the address. */
function notSent({ code, command, responseCode }: SmtpError): AppError {
  const why = [command, responseCode ?? code].filter(Boolean).join(': ');
  return new AppError('mail-not-sent', `the mail server did not take the mail (${why})`, {
    code,
    command,
    responseCode,
  });
}
