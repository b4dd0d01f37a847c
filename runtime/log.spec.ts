import { describe, expect, it } from '@jest/globals';
import { runToEnd } from '../test/child-process.ts';

async function linesOf(statements: string, level = 'info'): Promise<Record<string, unknown>[]> {
  const { output } = await runToEnd(
    `import { createLogger } from '#runtime/log.ts'; const log = createLogger('sample', '${level}'); ${statements}`,
  );
  return output
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe('a log line', () => {
  it('is JSON with a level in words, an RFC 3339 time and the process', async () => {
    const [line] = await linesOf(`log.warn({ orderId: 'o-1' }, 'late');`);
    expect(line).toMatchObject({ level: 'warn', process: 'sample', orderId: 'o-1', msg: 'late' });
    expect(line?.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('holds no secret or personal field, at the top or two levels below', async () => {
    const facts = `{ password: 'LEAK', user: { email: 'LEAK', id: 'u-1' }, request: { headers: { authorization: 'LEAK', cookie: 'LEAK', host: 'h' } }, DATABASE_URL: 'postgres://u:LEAK@h/d' }`;
    const [line] = await linesOf(`log.info(${facts}, 'signed in');`);
    expect(JSON.stringify(line)).not.toContain('LEAK');
    expect(line).toMatchObject({
      password: '[redacted]',
      user: { email: '[redacted]', id: 'u-1' },
      request: { headers: { authorization: '[redacted]', host: 'h' } },
    });
  });

  it('holds every other field as it is: the redaction is by name and cuts no more', async () => {
    const [line] = await linesOf(`log.info({ passwordless: 'KEPT', deep: { note: 'KEPT' } }, 'x');`);
    expect(line).toMatchObject({ passwordless: 'KEPT', deep: { note: 'KEPT' } });
  });

  it('keeps message, stack and cause of an error', async () => {
    const [line] = await linesOf(
      `log.error({ error: new Error('outer', { cause: new Error('inner') }) }, 'failed');`,
    );
    const text = JSON.stringify(line?.error);
    expect(text).toContain('outer');
    expect(text).toContain('inner');
    expect(text).toContain('stack');
  });

  it('below the level is not written', async () => {
    expect(await linesOf(`log.info('quiet'); log.error('loud');`, 'error')).toMatchObject([{ msg: 'loud' }]);
  });
});
