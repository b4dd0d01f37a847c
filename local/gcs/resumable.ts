// Resumable uploads: one request opens a session, the next ones bring the content in pieces, and after a broken connection
// the client asks how much has come. Source: Cloud Storage, "Perform resumable uploads".
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { GcsFault, invalid } from './fault.ts';
import { type Call, readJson, sendJson } from './request.ts';
import { withoutNulls } from './resource.ts';
import type { UploadSession } from './upload-sessions.ts';
import { finishUpload, uploadTarget } from './upload-target.ts';

/** `uploadType=resumable` opens a session, `upload_id` goes on with one. */
export async function handleResumable(call: Call): Promise<void> {
  const { query, sessions } = call;
  const id = query.get('upload_id');
  if (id === null) return openSession(call);
  return sessions.oneByOne(id, async () => {
    const session = sessions.find(id);
    if (!session) throw new GcsFault(404, 'notFound', 'There is no such upload session.');
    if (call.method !== 'DELETE') return receive(call, session);
    await sessions.drop(id);
    // Google's own code for an upload that its client has cancelled.
    call.response.writeHead(499).end();
  });
}

async function openSession(call: Call): Promise<void> {
  const { request, response, origin, query, path, sessions } = call;
  const contentType = request.headers['x-upload-content-type'] as string | undefined;
  const json = withoutNulls({ contentType, ...(await readJson(request)) });
  const { id, target } = sessions.create(uploadTarget(call, json));
  const where = new URLSearchParams({ uploadType: 'resumable', name: target.name, upload_id: id });
  const ifs = [...query].filter(([name]) => name.startsWith('if'));
  for (const [name, value] of ifs) where.set(name, value);
  const location = `${origin}/upload/storage/v1/b/${path[0]}/o?${where.toString()}`;
  response.writeHead(200, { location, 'x-guploader-uploadid': id, 'content-length': 0 }).end();
}

/** Which bytes a request brings: from `start`, of `total` if that is known already. */
interface Piece {
  readonly start: number;
  readonly total: number | undefined;
  /** True where the request only asks what has come. */
  readonly isQuery: boolean;
  /** True where the piece ends with its request, whatever the total is. */
  readonly isOpenEnded: boolean;
}

async function receive(call: Call, session: UploadSession): Promise<void> {
  const { request, sessions } = call;
  if (session.finished) {
    request.resume();
    return sendJson(call, session.finished);
  }
  const piece = pieceOf(request.headers['content-range']);
  const before = await sessions.received(session.id);
  if (!piece.isQuery) {
    if (piece.start !== before) throw invalid(`The next byte is ${before}, not ${piece.start}.`);
    // What has come before a connection breaks stays: the client goes on behind it.
    await pipeline(request, createWriteStream(sessions.contentPath(session.id), { flags: 'a' }));
  }
  const received = await sessions.received(session.id);
  if (piece.total !== undefined && received > piece.total) {
    await sessions.reset(session.id);
    throw invalid(`${received} bytes came of ${piece.total}.`);
  }
  const isComplete = piece.total === undefined ? piece.isOpenEnded : received === piece.total;
  return isComplete ? finish(call, session) : sendProgress(call, received);
}

async function finish(call: Call, session: UploadSession): Promise<void> {
  const { sessions, store } = call;
  const contentPath = store.newContentPath(session.target.bucket);
  await rename(sessions.contentPath(session.id), contentPath);
  try {
    const object = await finishUpload(call, session.target, contentPath);
    await sessions.finish(session, object);
    sendJson(call, object);
  } catch (error) {
    // Refused for good: its content is not what was announced, or a condition no longer holds.
    await sessions.drop(session.id);
    throw error;
  }
}

function sendProgress({ response }: Call, received: number): void {
  const range = received > 0 ? { range: `bytes=0-${received - 1}` } : {};
  response.writeHead(308, { ...range, 'content-length': 0 }).end();
}

/** Reads the forms of Content-Range that Cloud Storage has; a request without the header brings everything. */
function pieceOf(header: string | undefined): Piece {
  if (header === undefined) return { start: 0, total: undefined, isQuery: false, isOpenEnded: true };
  const match = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/.exec(header);
  if (!match) throw invalid(`Content-Range is not understood: ${header}`);
  const [, start, end, total] = match;
  return {
    start: Number(start ?? 0),
    total: total === '*' ? undefined : Number(total),
    isQuery: start === undefined,
    isOpenEnded: end === '*',
  };
}
