import { rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { makeServerFolder } from './server-folder.ts';

const made: string[] = [];
const make = async (memory?: string): Promise<string> => {
  const folder = await makeServerFolder('server-folder-', memory);
  made.push(folder);
  return folder;
};
afterEach(() => made.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

describe('the folder of a server', () => {
  it('is one that another user may enter', async () => {
    expect(statSync(await make()).mode & 0o777).toBe(0o755);
  });

  it.each(['/no/such/folder', tmpdir(), '/proc'])(
    'is where temporary files are, when memory is not to be had at %s',
    async (memory) => {
      expect(dirname(await make(memory))).toBe(tmpdir());
    },
  );
});
