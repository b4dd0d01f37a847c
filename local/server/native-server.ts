// A server that is a separate program: started by the warden, awaited until it answers, stopped by its signal.

import type { ChildSettings } from '../launcher/ward.ts';
import { sharedWarden } from '../launcher/warden.ts';
import { waitUntilReady } from './ready.ts';
import type { RunningServer } from './server.ts';

export interface NativeServer extends Pick<RunningServer, 'address' | 'env'> {
  readonly child: ChildSettings;
  /** Throws while the server does not answer. */
  readonly probe: () => Promise<unknown>;
  readonly readyMsMax: number;
  /** What is left to do once it answers. */
  readonly prepare?: () => Promise<void>;
}

/** @throws AppError `server-not-ready`, with its last words, when it ends or stays silent */
export async function startNativeServer(server: NativeServer): Promise<RunningServer> {
  const { child, address, env } = server;
  const warden = await sharedWarden(child.logFile);
  const ward = await warden.start(child);
  try {
    await waitUntilReady(ward, server.probe, server.readyMsMax);
    await server.prepare?.();
  } catch (error) {
    await ward.stop();
    throw error;
  }
  const { identity, ended } = ward;
  return { name: child.name, address, env, pids: [identity.pid], ended, stop: () => ward.stop() };
}
