// A command that runs to its end, under the warden like everything else: a launcher that is killed leaves none behind.
import { AppError } from '#runtime/errors.ts';
import { lastLines } from '../server/ready.ts';
import type { ChildSettings } from './ward.ts';
import { sharedWarden } from './warden.ts';

/** @throws AppError `command-failed` with the end of its log, when it ends with another code than 0 */
export async function runCommand(settings: Omit<ChildSettings, 'stopSignal' | 'stopMsMax'>): Promise<void> {
  const warden = await sharedWarden(settings.logFile);
  const ward = await warden.start({ ...settings, stopSignal: 'SIGTERM', stopMsMax: 2_000 });
  const how = await ward.hold(ward.ended);
  if (how === 'ended with code 0') return;
  throw new AppError('command-failed', `${settings.name} ${how}\n${await lastLines(settings.logFile)}`);
}
