// A rig for all tests of a spec file, or of one `describe`.
import { afterAll, beforeAll } from '@jest/globals';

const HOOK_MS_MAX = 60_000;

/**
 * Opens a rig before the tests and closes it after them.
 * @returns an object that gets the rig's members before the first test: use it inside hooks and tests only
 */
export function openForSpec<Rig extends { close(): Promise<unknown> }>(open: () => Promise<Rig>): Rig {
  const members = {} as Rig;
  let rig: Rig | undefined;
  beforeAll(async () => {
    rig = await open();
    Object.assign(members, rig);
  }, HOOK_MS_MAX);
  afterAll(async () => {
    await rig?.close();
  }, HOOK_MS_MAX);
  return members;
}
