// Statements in, the id of the job that they began out: by the REST interface of Flink's SQL gateway, one session.
// nightlies.apache.org/flink/flink-docs-release-2.2/docs/sql/interfaces/sql-gateway/rest, read 2026-11-28.
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#runtime/errors.ts';
import { causesIn } from './causes.ts';

const ANSWER_MS_MAX = 60_000;
const LOOK_EVERY_MS = 100;

interface Result {
  readonly resultType: 'NOT_READY' | 'PAYLOAD' | 'EOS';
  readonly jobID?: string;
}

/** Whether it answers. @throws what the connection says otherwise */
export const answersGateway = (address: string): Promise<unknown> => ask(address, 'GET', '/info');

/** Runs the statements one after the other. @throws AppError `sql-refused` with the gateway's causes */
export async function runStatements(address: string, statements: readonly string[]): Promise<string> {
  const { sessionHandle } = await ask<{ sessionHandle: string }>(address, 'POST', '/sessions', {});
  const session = `/sessions/${sessionHandle}`;
  try {
    return await runInSession(address, session, statements);
  } finally {
    // It knows the password of the database, so only this machine may reach it.
    await ask(address, 'DELETE', session);
  }
}

async function runInSession(
  address: string,
  session: string,
  statements: readonly string[],
): Promise<string> {
  let jobId: string | undefined;
  for (const statement of statements) {
    const { operationHandle } = await ask<{ operationHandle: string }>(
      address,
      'POST',
      `${session}/statements`,
      { statement },
    );
    jobId = (await finish(address, `${session}/operations/${operationHandle}/result/0`)) ?? jobId;
  }
  if (!jobId) throw new AppError('sql-without-job', 'none of the statements began a job');
  return jobId;
}

async function finish(address: string, path: string): Promise<string | undefined> {
  for (;;) {
    const { resultType, jobID } = await ask<Result>(address, 'GET', path);
    if (resultType !== 'NOT_READY') return jobID;
    await sleep(LOOK_EVERY_MS);
  }
}

async function ask<Answer>(address: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${address}/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as Answer;
  throw new AppError('sql-refused', `the SQL gateway refused: ${causesOf(text).join('; ')}`);
}

function causesOf(text: string): string[] {
  const { errors = [text] } = JSON.parse(text) as { errors?: readonly string[] };
  return causesIn(errors.join('\n'));
}
