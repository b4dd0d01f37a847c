// The pages of the local mailbox. What a mail holds is text to us: it is shown escaped, and its HTML only in a frame that may run,
// load and send nothing.
import { z } from 'zod';
import { type Answer, Problem, type Route, route } from '#runtime/http/api.ts';
import { FOREIGN_HOST_REMEDY, type HostRule, knownHosts, MISDIRECTED } from '#runtime/http/hosts.ts';
import { escapeHtml } from '../letters/domain.ts';
import type { Mailbox, ReceivedMail } from './domain.ts';

const mailParams = z.object({ mailId: z.int().min(1) });
const listQuery = z.object({
  limit: z.int().min(1).max(100).default(20),
  before: z.int().min(1).optional().describe('id of the last mail of the page before'),
});

/**
 * The pages: list, one mail, and its HTML as the frame shows it. Mails hold tokens that open accounts, so the pages answer to the
 * names of this machine alone, wherever the service listens.
 */
export const mailboxRoutes = (mailbox: Mailbox, hosts: HostRule = knownHosts()): Route[] =>
  pages(mailbox).map((page) => ({
    ...page,
    problems: [...(page.problems ?? []), MISDIRECTED],
    handle: async (call) => {
      // Behind a forwarded port this one is not the one that the browser names.
      if (hosts(call.headers.host, undefined)) return page.handle(call);
      throw new Problem(MISDIRECTED, 'foreign-host', FOREIGN_HOST_REMEDY);
    },
  }));

const pages = (mailbox: Mailbox): Route[] => [
  route(
    {
      method: 'GET',
      url: '/mailbox',
      access: 'anyone',
      summary: 'Mails that were written on this machine, as a page.',
      query: listQuery,
      answers: { 200: z.string() },
    },
    async ({ query: { limit, before } }) => {
      const mails = await mailbox.list(limit + 1, before);
      return page(listPage(mails.slice(0, limit), mails.length > limit));
    },
  ),
  route(
    {
      method: 'GET',
      url: '/mailbox/:mailId',
      access: 'anyone',
      summary: 'One mail, as a page.',
      params: mailParams,
      answers: { 200: z.string() },
      problems: [404],
    },
    async ({ params }) => page(mailPage(await found(mailbox, params.mailId))),
  ),
  route(
    {
      method: 'GET',
      url: '/mailbox/:mailId/html',
      access: 'anyone',
      summary: 'The HTML of one mail, for a frame.',
      params: mailParams,
      answers: { 200: z.string() },
      problems: [404],
    },
    async ({ params }) => page((await found(mailbox, params.mailId)).html, FRAME_POLICY),
  ),
];

async function found(mailbox: Mailbox, mailId: number): Promise<ReceivedMail> {
  const mail = await mailbox.read(mailId);
  if (!mail) throw new Problem(404, 'not-found', 'There is no such mail.');
  return mail;
}

/** No script runs anywhere; `style-src` is for the attributes of mails and our own few rules. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/** Also when it is opened outside of its frame: a separate origin, no scripts, no forms. */
const FRAME_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

const page = (body: string, policy = PAGE_POLICY): Answer => ({
  status: 200,
  body,
  contentType: 'text/html; charset=utf-8',
  headers: { 'content-security-policy': policy, 'cache-control': 'no-store' },
});

const frame = (title: string, content: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width">
<style>body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4em;border-bottom:1px solid #ccc}
pre{white-space:pre-wrap;overflow-wrap:anywhere}iframe{width:100%;height:26em;border:1px solid #ccc}</style>
</head><body>${content}</body></html>
`;

function listPage(mails: readonly ReceivedMail[], hasMore: boolean): string {
  const rows = mails.map(
    ({ mailId, recipient, subject, receivedAt }) =>
      `<tr><td><a href="/mailbox/${mailId}">${escapeHtml(subject)}</a></td><td>${escapeHtml(recipient)}</td><td>${receivedAt.toISOString()}</td></tr>`,
  );
  const last = mails.at(-1);
  const more = hasMore && last ? `<p><a href="/mailbox?before=${last.mailId}">Older mails</a></p>` : '';
  const table = `<table><tr><th>Subject</th><th>To</th><th>At</th></tr>${rows.join('')}</table>${more}`;
  return frame('Mailbox', `<h1>Mailbox</h1>${mails.length > 0 ? table : '<p>No mails.</p>'}`);
}

function mailPage({ mailId, recipient, subject, text, receivedAt }: ReceivedMail): string {
  return frame(
    subject,
    `<p><a href="/mailbox">Mailbox</a></p><h1>${escapeHtml(subject)}</h1>
<p>To ${escapeHtml(recipient)}, ${receivedAt.toISOString()}</p>
<pre>${linked(text)}</pre>
<h2>As HTML</h2><iframe sandbox src="/mailbox/${mailId}/html" title="The mail as HTML"></iframe>`,
  );
}

/** Web addresses in a text as links; everything else escaped. */
const linked = (text: string): string =>
  text
    .split(/(https?:\/\/[^\s<>"']+)/)
    .map((part, index) => (index % 2 === 0 ? escapeHtml(part) : linkOf(part)))
    .join('');

const linkOf = (url: string): string =>
  `<a href="${escapeHtml(url)}" rel="noreferrer noopener" target="_blank">${escapeHtml(url)}</a>`;
