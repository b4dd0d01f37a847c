// `npm run new:service -- <name>`: makes the smallest service that keeps every rule, and says what is left to do.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { newService } from './new-service.ts';

const HELP = `Makes the smallest service that keeps every rule: services/<name>, a line of it wherever services are listed, and
what is written from both: its documents, the row of its image, its manifests.

  npm run new:service -- <name>

  <name>    2 to 20 small letters and digits, such as wishlist
  --help    this text

The recipe: CONTRIBUTING.md, "Add a service".`;

const ROOT = join(import.meta.dirname, '../../..');
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function main(): void {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) return say(HELP);
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0)
    throw new TypeError('give one name: npm run new:service -- wishlist');
  const changes = newService(name, ROOT);
  for (const [path, text] of changes) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
    say(path);
  }
  run(
    'node_modules/@biomejs/biome/bin/biome',
    'check',
    '--write',
    ...[...changes.keys()].filter((path) => path.endsWith('.ts')),
  );
  for (const program of ['openapi', 'asyncapi']) run(`test/contracts/${program}.cli.ts`);
  run('test/contributing/new-service/lock-image.cli.ts', name);
  run('k8s/main.ts');
  say(`
Then, as CONTRIBUTING.md explains:

  npm run test:jest -- test/infra -u
  npm run test:jest -- services/${name}`);
}

/** In this Node; what it prints is shown only when it fails. */
function run(...args: string[]): void {
  execFileSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}

try {
  main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
