import { describe, expect, it } from '@jest/globals';
import type { RunningServer } from '../server/server.ts';
import type { PlatformOptions } from './platform-options.ts';
import { serverStarter } from './server-part.ts';

/** A launcher that says how it would end, and a server that can be started again and again. */
async function stage({ pids = [1], failsAt = 0 } = {}) {
  const ends: string[] = [];
  const ports: number[] = [];
  const stops: (() => unknown)[] = [];
  const state = { isStopping: false, runningCount: 0, end: (_how: string) => {} };
  const start = async ({ port }: { port: number }): Promise<RunningServer> => {
    ports.push(port);
    if (ports.length === failsAt) throw new Error('no room on the disk');
    state.runningCount += 1;
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    state.end = (how) => {
      state.runningCount -= 1;
      resolve(how);
    };
    const stop = async () => state.end('ended by SIGTERM');
    return { name: 'Kafka', address: `127.0.0.1:${port}`, env: {}, pids, ended, stop };
  };
  const options = {
    folder: '/tmp/none',
    screen: { step: () => {}, part: () => {} },
    shutdown: {
      isStopping: () => state.isStopping,
      exit: async (code: number, why: string) => void ends.push(`${code} ${why}`),
    },
  } as unknown as PlatformOptions;
  const onStop = (_name: string, stop: () => unknown) => void stops.push(stop);
  const part = await serverStarter(options, onStop)('kafka', 19_092, start);
  return { part, ends, ports, stops, state };
}
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('a server of the platform', () => {
  it('that ends unasked ends the platform', async () => {
    const { ends, state } = await stage();
    state.end('ended by SIGKILL');
    await nextTurn();
    expect(ends).toEqual([expect.stringContaining('Kafka ended by SIGKILL: nothing works without it')]);
  });

  it('that is away on purpose ends nothing, and comes back at the same address', async () => {
    const { part, ends, ports, state } = await stage();
    await part.awayWhile(async () => {
      await nextTurn();
      expect(state.runningCount).toBe(0);
    });
    expect(state.runningCount).toBe(1);
    expect(ports).toEqual([19_092, 19_092]);
    expect(ends).toEqual([]);
  });

  it('ends the platform as before once it has come back', async () => {
    const { part, ends, state } = await stage();
    await part.awayWhile(async () => {});
    state.end('ended by SIGKILL');
    await nextTurn();
    expect(ends).toHaveLength(1);
  });

  it('comes back also when what was done meanwhile fails', async () => {
    const { part, state } = await stage();
    await expect(part.awayWhile(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(state.runningCount).toBe(1);
  });

  it('that does not come back ends the platform', async () => {
    const { part, ends } = await stage({ failsAt: 2 });
    await expect(part.awayWhile(async () => {})).rejects.toThrow('no room on the disk');
    expect(ends).toEqual([expect.stringContaining('did not come back: no room on the disk')]);
  });

  it('is stopped as it runs now when the platform stops, and not started by then', async () => {
    const { part, ends, ports, stops, state } = await stage();
    await part.awayWhile(async () => {});
    stops[0]!();
    expect(state.runningCount).toBe(0);
    await nextTurn();
    // The launcher is ending already: it takes only the first reason.
    expect(ends.length).toBeLessThanOrEqual(1);
    const other = await stage();
    await other.part.awayWhile(async () => {
      other.state.isStopping = true;
    });
    expect(other.state.runningCount).toBe(0);
    expect(other.ports).toHaveLength(1);
    expect(ports).toHaveLength(2);
  });

  it('that was started elsewhere is not stopped', async () => {
    const { part, state } = await stage({ pids: [] });
    await expect(part.awayWhile(async () => {})).rejects.toMatchObject({ code: 'server-elsewhere' });
    expect(state.runningCount).toBe(1);
  });
});
