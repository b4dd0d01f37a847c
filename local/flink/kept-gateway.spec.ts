import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Ward } from '../launcher/ward.ts';
import { type KeptGateway, keepGateway } from './kept-gateway.ts';

/** What the gateway answers to every request that the runs of statements make. */
const ANSWER = { sessionHandle: 's', operationHandle: 'o', resultType: 'EOS', jobID: 'job' };

let servers: Server[];
let gateway: KeptGateway;
let faults: string[];

/** A program that answers as the gateway does, or ends at once where a fault is due. */
async function start(port: number): Promise<Ward> {
  const fault = faults.shift();
  const server = createServer((_request, answer) => answer.end(JSON.stringify(ANSWER)));
  const ended = once(server, 'close').then(() => fault ?? 'ended by SIGTERM');
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await ended;
  };
  if (fault) await stop();
  const settings = { name: 'SQL gateway', logFile: '/no/log' };
  return { settings, ended, stop } as unknown as Ward;
}
const living = (): number => servers.filter(({ listening }) => listening).length;
const open = (idleMs?: number): void => {
  gateway = keepGateway(start, idleMs);
};

beforeEach(() => {
  servers = [];
  faults = [];
  open();
});
afterEach(() => gateway.stop());

describe('the SQL gateway', () => {
  it('is started for the first statements, and once for all that follow', async () => {
    expect(servers).toHaveLength(0);
    expect(await gateway.run(['SELECT 1'])).toBe('job');
    expect(await Promise.all([gateway.run(['SELECT 1']), gateway.run(['SELECT 1'])])).toEqual(['job', 'job']);
    expect(servers).toHaveLength(1);
  });

  it('is started once for statements that come at the same time', async () => {
    await Promise.all([gateway.run(['SELECT 1']), gateway.run(['SELECT 1'])]);
    expect(servers).toHaveLength(1);
  });

  it('stops when it was not needed for a while, and starts again when it is', async () => {
    open(1);
    await gateway.run(['SELECT 1']);
    while (living() > 0) await sleep(5);
    expect(await gateway.run(['SELECT 1'])).toBe('job');
    expect(servers).toHaveLength(2);
  });

  it('is started again after it has ended unasked', async () => {
    await gateway.run(['SELECT 1']);
    const [first] = servers;
    first!.closeAllConnections();
    first!.close();
    await once(first!, 'close');
    // Gives the listener of its end a turn.
    await sleep(1);
    expect(await gateway.run(['SELECT 1'])).toBe('job');
    expect(living()).toBe(1);
  });

  it('that ended before it answered fails its statements, and no others', async () => {
    faults = ['ended with code 1'];
    await expect(gateway.run(['SELECT 1'])).rejects.toThrow('SQL gateway ended with code 1');
    expect(await gateway.run(['SELECT 1'])).toBe('job');
  });

  it('ends with its cluster, and starts no more', async () => {
    await gateway.run(['SELECT 1']);
    await gateway.stop();
    expect(living()).toBe(0);
    await expect(gateway.run(['SELECT 1'])).rejects.toThrow('was stopped with its cluster');
  });
});
