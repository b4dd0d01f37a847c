import { describe, expect, it } from '@jest/globals';
import { runModule, runToEnd } from '../test/child-process.ts';

/** A process with parts that say when they stop; it runs until it is stopped. */
const withParts = (parts: string, drainMsMax = 20_000): string => `
  import { createLifecycle } from '#runtime/lifecycle.ts';
  import { createLogger } from '#runtime/log.ts';
  const lifecycle = createLifecycle(createLogger('sample', 'info'), ${drainMsMax});
  const say = (text) => console.log(text);
  setInterval(() => {}, 1_000);
  ${parts}
  say('ready');
`;
const stopsOf = (output: string): string[] => output.split('\n').filter((line) => line.startsWith('stop:'));

describe('a process that is asked to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s drains its parts in reverse order and ends with 0',
    async (signal) => {
      const running = runModule(
        withParts(`
        lifecycle.onStop('database', () => say('stop:database'));
        lifecycle.onStop('consumer', () => new Promise((resolve) => setTimeout(() => resolve(say('stop:consumer')), 50)));
        lifecycle.onStop('http', () => say('stop:http isStopping=' + lifecycle.isStopping()));
      `),
      );
      await running.waitFor('ready');
      running.child.kill(signal);
      expect(await running.ended).toBe(0);
      expect(stopsOf(running.output())).toEqual([
        'stop:http isStopping=true',
        'stop:consumer',
        'stop:database',
      ]);
    },
  );

  it('stops the other parts when one cannot stop', async () => {
    const running = runModule(
      withParts(`
        lifecycle.onStop('database', () => say('stop:database'));
        lifecycle.onStop('consumer', () => { throw new Error('broker away'); });
      `),
    );
    await running.waitFor('ready');
    running.child.kill('SIGTERM');
    expect(await running.ended).toBe(0);
    expect(running.output()).toContain('broker away');
    expect(stopsOf(running.output())).toEqual(['stop:database']);
  });

  it('ends at once on the second signal', async () => {
    const running = runModule(
      withParts(`lifecycle.onStop('stuck', () => { say('stop:stuck'); return new Promise(() => {}); });`),
    );
    await running.waitFor('ready');
    running.child.kill('SIGTERM');
    await running.waitFor('stop:stuck');
    running.child.kill('SIGTERM');
    expect(await running.ended).toBe(130);
  });

  it('ends with 1 and says so when it has not drained by the deadline', async () => {
    const running = runModule(withParts(`lifecycle.onStop('stuck', () => new Promise(() => {}));`, 200));
    await running.waitFor('ready');
    running.child.kill('SIGTERM');
    expect(await running.ended).toBe(1);
    expect(running.output()).toContain('did not drain in time');
  });

  it('waits for the deadline even when nothing but the stuck part is left', async () => {
    const source = withParts(`lifecycle.onStop('stuck', () => new Promise(() => {}));`, 200).replace(
      /setInterval.*/,
      '',
    );
    const { end, output } = await runToEnd(`${source}; void lifecycle.exit(0, 'done');`);
    expect(output).toContain('did not drain in time');
    expect(end).toBe(1);
  });

  it('drains and ends with 1 after an unhandled rejection', async () => {
    const { end, output } = await runToEnd(
      withParts(`
        lifecycle.onStop('database', () => say('stop:database'));
        void Promise.reject(new Error('nobody caught me'));
      `),
    );
    expect(end).toBe(1);
    expect(output).toContain('nobody caught me');
    expect(stopsOf(output)).toEqual(['stop:database']);
  });
});

describe('a start that fails', () => {
  it('prints one clear message and ends with 1', async () => {
    const { end, output } = await runToEnd(`
      import { loadConfig, wholeNumber } from '#runtime/config.ts';
      import { runMain } from '#runtime/lifecycle.ts';
      runMain(async () => void loadConfig({ PORT: wholeNumber(1) }));
    `);
    expect(end).toBe(1);
    expect(output).toBe('The environment is not usable:\n  PORT: is not set\n');
  });
});
