// Amazon SES for specs: the one call that sends, on a port of this machine, in SES's own form; what it took can be read.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ArrivedMail, readMail } from './test-mail-server.ts';

export interface SesRequest {
  readonly FromEmailAddress: string;
  readonly Destination: { readonly ToAddresses: readonly string[] };
  readonly Content: { readonly Raw: { readonly Data: string } };
  readonly ConfigurationSetName?: string;
}

export interface TestSes {
  readonly endpoint: string;
  readonly mails: ArrivedMail[];
  readonly requests: SesRequest[];
  /** Recipients of every try, also of those that were refused. */
  readonly tries: string[];
  close(): Promise<void>;
}

/** `SendEmail` (Amazon SES API v2): the address says how it answers, `refuse-<error>@…` or `silent@…`. */
export async function startTestSes(): Promise<TestSes> {
  const mails: ArrivedMail[] = [];
  const requests: SesRequest[] = [];
  const tries: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      // Unsigned requests and other calls have no place here.
      const isSend = request.method === 'POST' && request.url === '/v2/email/outbound-emails';
      if (!isSend || !request.headers.authorization?.includes('/ses/aws4_request'))
        return refuse(response, 403, 'AccessDeniedException');
      const asked = JSON.parse(Buffer.concat(chunks).toString()) as SesRequest;
      const to = asked.Destination.ToAddresses.join();
      tries.push(to);
      if (to.startsWith('silent@')) return undefined;
      const error = /^refuse-(\w+)@/.exec(to)?.[1];
      if (error) return refuse(response, error.startsWith('TooMany') ? 429 : 400, error, to);
      requests.push(asked);
      const raw = Buffer.from(asked.Content.Raw.Data, 'base64').toString('latin1');
      mails.push({ recipients: asked.Destination.ToAddresses, ...readMail(raw) });
      response.setHeader('content-type', 'application/json');
      return response.end(JSON.stringify({ MessageId: `ses-${mails.length}` }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    requests,
    tries,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** In SES's words, which quote the address. */
function refuse(response: ServerResponse, status: number, error: string, address = ''): void {
  response.statusCode = status;
  response.setHeader('x-amzn-errortype', error);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ message: `Email address is not verified: ${address}` }));
}
