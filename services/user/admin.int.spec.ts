import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, it, jest } from '@jest/globals';
import { openForSpec } from '../../test/open-for-spec.ts';
import { openUserRig, PASSWORD } from '../../test/user-rig.ts';

// Each test starts processes, which takes its time on a busy machine.
jest.setTimeout(60_000);

const rig = openForSpec(() => openUserRig());

async function run(args: readonly string[], input = ''): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['services/user/admin.cli.ts', ...args], {
    env: { PATH: process.env.PATH ?? '', DATABASE_URL: rig.databaseUrl, PASSWORD_COST_LOG2: '14' },
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.stdin.end(input);
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, output: out + err };
}
const roleOf = async (email: string) => {
  const { accessToken } = (await rig.signIn(email)).body;
  return JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()).role as string;
};

describe('the command for admins', () => {
  it('makes the first admin, who can sign in at once, and publishes the account', async () => {
    const { code, output } = await run(['--email', 'Root@example.org'], `${PASSWORD}\n`);
    expect([code, output]).toEqual([0, expect.stringMatching(/^[0-9a-f-]{36} is now admin\n$/)]);
    expect(await roleOf('root@example.org')).toBe('admin');
    expect(await rig.eventsOf('user.registered')).toHaveLength(1);
  });

  it('gives an account another role, keeps its password and ends its sessions', async () => {
    const { refreshToken } = await rig.signUp('ada@example.org');
    expect((await run(['--email', 'ada@example.org'])).code).toBe(0);
    expect((await rig.refresh(refreshToken)).status).toBe(401);
    expect(await roleOf('ada@example.org')).toBe('admin');
    await run(['--email', 'ada@example.org', '--role', 'customer']);
    expect(await roleOf('ada@example.org')).toBe('customer');
  });

  it.each([
    ['without an address', [], 'name the address'],
    ['with a role that does not exist', ['--email', 'a@example.org', '--role', 'king'], 'admin or customer'],
    ['with a password that is refused', ['--email', 'a@example.org'], 'password-too-short'],
  ])('ends with one message %s', async (_case, args, message) => {
    const { code, output } = await run(args, 'short');
    expect([code, output]).toEqual([1, expect.stringContaining(message)]);
    expect(output).not.toMatch(/\n\s+at /);
  });

  it('explains itself', async () => {
    expect(await run(['--help'])).toEqual({ code: 0, output: expect.stringContaining('standard input') });
  });
});
