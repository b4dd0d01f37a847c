// Refusals in S3's XML.
import type { FastifyReply } from 'fastify';

export interface S3Fault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Further elements of the answer. */
  readonly facts?: Readonly<Record<string, string>>;
}

/** Ends the request with the fault. */
export function sendFault(reply: FastifyReply, { status, code, message, facts = {} }: S3Fault): FastifyReply {
  const elements = Object.entries({ Code: code, Message: message, ...facts, RequestId: reply.request.id });
  const body = elements.map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`).join('');
  return reply
    .code(status)
    .type('application/xml')
    .send(`<?xml version="1.0" encoding="UTF-8"?>\n<Error>${body}</Error>`);
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
