// `npm run check:checkov`: installs checkov where Python is, and judges the Terraform of every environment with it. Fails on what
// has no waiver, and with code 2 where it could not run.
import { ENVIRONMENTS } from '../../../stacks/settings.ts';
import { Model } from '../model.ts';
import { platformOf, SETTINGS } from '../synth.ts';
import { installCheckov } from './installed-checkov.ts';
import { scan } from './scan.ts';
import { staleRules, unexcused } from './waivers.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function main(): void {
  const checkov = installCheckov(say);
  if ('missing' in checkov) {
    process.stderr.write(`checkov was NOT RUN: ${checkov.missing}\n`);
    process.exitCode = 2;
    return;
  }
  const models = Object.fromEntries(
    ENVIRONMENTS.map((name) => [name, new Model(platformOf(name), SETTINGS[name])]),
  );
  const scanned = scan(checkov, models);
  for (const [environment, { faults, passedCount }] of scanned) {
    const found = unexcused(faults);
    for (const { rule, address, text } of found) say(`${environment} ${rule} ${address}: ${text}`);
    say(
      `${environment}: ${passedCount} checks passed, ${faults.length - found.length} waived, ${found.length} failed`,
    );
    if (found.length > 0) process.exitCode = 1;
  }
  const stale = staleRules([...scanned.values()].flatMap(({ faults }) => faults));
  for (const line of stale) say(`this waiver excuses nothing: ${line}`);
  if (stale.length > 0) process.exitCode = 1;
}

main();
