import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '#runtime/log.ts';
import { createReconciliations } from './reconciliations.ts';

const log = createLogger('spec', 'silent');
const folder = mkdtempSync(join(tmpdir(), 'verdicts-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => rmSync(join(folder, 'orders.json'), { force: true }));

const KEPT = {
  startedAt: '2026-11-29T08:14:30.000Z',
  endedAt: '2026-11-29T08:14:31.000Z',
  outcome: 'equal',
  words: '3 orders',
  differenceCount: 0,
  pendingCount: 0,
  findings: [],
};
/** A reconciliation that runs this script in place of its program. */
function tools(script: string, options: { runMsMax?: number } = {}) {
  const ran: (readonly string[])[] = [];
  const run = (args: readonly string[]) => {
    ran.push(args);
    return spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  };
  return { ran, ...createReconciliations({ folder, log, run, ...options }) };
}
const stateOf = async ({ read }: Pick<ReturnType<typeof tools>, 'read'>, name: string) =>
  (await read()).find((one) => one.name === name)!;
const WAITS = 'setInterval(() => {}, 1000)';

describe('a reconciliation', () => {
  it('that was never run has no result', async () => {
    expect(await tools('').read()).toEqual([{ name: 'counts' }, { name: 'orders' }, { name: 'payments' }]);
  });

  it('runs the command of its name, and has the result that this keeps', async () => {
    const file = JSON.stringify(join(folder, 'orders.json'));
    const some = tools(`require('node:fs').writeFileSync(${file}, ${JSON.stringify(JSON.stringify(KEPT))})`);
    const { ended } = some.start('orders');
    expect(await stateOf(some, 'orders')).toHaveProperty('runningSince');
    await ended;
    expect(some.ran.map(([script]) => script)).toEqual(['services/reconcile-orders.ts']);
    expect(await stateOf(some, 'orders')).toEqual({ name: 'orders', last: KEPT });
  });

  it('is refused while another runs', async () => {
    const some = tools(WAITS);
    some.start('counts');
    expect(() => some.start('orders')).toThrow(expect.objectContaining({ status: 409 }));
    await some.stop();
    expect(await stateOf(some, 'counts')).toEqual({ name: 'counts' });
    const { ended } = some.start('orders');
    await some.stop();
    await ended;
  });

  it('is ended when it takes too long', async () => {
    const some = tools(WAITS, { runMsMax: 50 });
    await some.start('counts').ended;
    expect(await stateOf(some, 'counts')).toEqual({ name: 'counts' });
  });

  it('cannot be read from a file that is not ours', async () => {
    writeFileSync(join(folder, 'orders.json'), '{"outcome":"splendid"}');
    await expect(tools('').read()).rejects.toThrow('Invalid');
  });
});
