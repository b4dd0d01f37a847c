import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  scripts: Record<string, string>;
};
/** Each command of package.json that runs a TypeScript file with Node. */
const commands = Object.values(scripts)
  .flatMap((script) => script.split(' && '))
  .filter((command) => /(^|\s)node\s/.test(command) && command.includes('.ts'));

/** Its exit code and its output on stderr, when the reader of its stdout has gone. */
async function withoutReader(args: readonly string[]) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  return { code: code as number, said };
}

const PRINT = `
  for (let line = 0; line < 3; line += 1) {
    process.stdout.write('a line\\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  process.exitCode = 3;`;

describe('a program whose reader has gone', () => {
  it('ends in its own time, with its own code and no word', async () => {
    const source = `import '#runtime/closed-pipe.ts'; ${PRINT}`;
    expect(await withoutReader(['--input-type=module', '--eval', source])).toEqual({ code: 3, said: '' });
  });

  it('would end with a stack trace otherwise', async () => {
    const { said } = await withoutReader(['--input-type=module', '--eval', PRINT]);
    expect(said).toContain('EPIPE');
  });

  it.each([['local/launcher/start.ts'], ['demo/feed.ts']])('prints its help quietly: %s', async (file) => {
    expect(await withoutReader([file, '--help'])).toEqual({ code: 0, said: '' });
  });
});

describe('the commands of package.json', () => {
  it.each(commands)('have it by runMain or by --import: %s', (command) => {
    const entry = /([a-z][\w/.-]*\.ts)(?!.*--import)/.exec(command.replace(/--import \S+/g, ''))?.[1] ?? '';
    const hasRunMain = readFileSync(`${root}${entry}`, 'utf8').includes('runMain(');
    expect(hasRunMain || command.includes('--import ./runtime/closed-pipe.ts')).toBe(true);
  });
});
