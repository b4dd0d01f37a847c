import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { askAs, foreignHosts } from '../../test/host-header.ts';
import { type FaultControl, startFaultControl } from './control.ts';
import { Faults, untilOver } from './faults.ts';

let control: FaultControl;
let faults: Faults;
beforeEach(async () => {
  control = await startFaultControl();
  const run = ({ over }: { over: AbortSignal }) => untilOver(over);
  faults = new Faults([
    { name: 'worker-killed', title: 'Worker killed', about: '', seconds: 600, run, compare: async () => {} },
  ]);
});
afterEach(async () => {
  await faults.close();
  await control.stop();
});

const ask = async (path: string, method = 'GET', token = control.env.FAULTS_TOKEN) => {
  const response = await fetch(`${control.env.FAULTS_URL}${path}`, {
    method,
    headers: token ? { authorization: `Bearer ${token}` } : {},
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const phase = () => faults.states()[0]!.phase;

describe('the switch of the faults', () => {
  it('lists them, and starts one', async () => {
    control.use(faults);
    expect(await ask('/faults')).toMatchObject({
      status: 200,
      body: { faults: [{ name: 'worker-killed', phase: 'ready' }] },
    });
    expect(await ask('/faults/worker-killed', 'POST')).toMatchObject({
      status: 202,
      body: { phase: 'broken' },
    });
    expect(phase()).toBe('broken');
    expect((await ask('/faults/worker-killed', 'POST')).status).toBe(409);
  });

  it.each(['', 'x', 'x'.repeat(43)])('does nothing for a request without its secret: %p', async (token) => {
    control.use(faults);
    expect((await ask('/faults', 'GET', token)).status).toBe(401);
    expect((await ask('/faults/worker-killed', 'POST', token)).status).toBe(401);
    expect(phase()).toBe('ready');
  });

  it('does nothing for a request with another host name', async () => {
    control.use(faults);
    const { port } = new URL(control.env.FAULTS_URL);
    for (const host of foreignHosts(port))
      expect([400, 421]).toContain((await askAs(host, `${control.env.FAULTS_URL}/faults`)).status);
  });

  it.each(['/faults/other', '/faults/constructor', '/faults/../worker-killed', '/faults/worker-killed/x'])(
    'knows no %s',
    async (path) => {
      control.use(faults);
      expect((await ask(path, 'POST')).status).toBe(404);
      expect(phase()).toBe('ready');
    },
  );

  it('has nothing to start while the platform starts', async () => {
    expect((await ask('/faults')).body).toEqual({ faults: [] });
    expect((await ask('/faults/worker-killed', 'POST')).status).toBe(404);
  });

  it('has another secret at each start', async () => {
    const other = await startFaultControl();
    expect(other.env.FAULTS_TOKEN).not.toBe(control.env.FAULTS_TOKEN);
    await other.stop();
  });
});
