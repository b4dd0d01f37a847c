// `npm run test:bare-machine`: shows that two commands are enough where nothing is installed but Node, npm and git. Each way to each
// missing piece is tried once; then a copy of HEAD is installed, started and used with nothing of this machine in sight.
// Out: a line for each way and each step; exit code 1 when something failed that should have worked.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMain } from '#runtime/lifecycle.ts';
import { sharedWarden } from '../../local/warden.ts';
import { tryWays, type WayReport } from './ways.ts';
import { runWhole } from './whole-run.ts';

const PIECES = ['Java', 'jars', 'emulator'] as const;

runMain(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bare-machine-'));
  // Postgres may run as another user, who must get to its folder.
  await chmod(folder, 0o755);
  const warden = await sharedWarden(join(folder, 'warden.log'));
  warden.removeAtEnd(folder);
  let failed: boolean;
  try {
    console.log('Each missing piece, by each of its ways:');
    const reports = await tryWays(join(folder, 'ways'), print);
    failed = reports.some(({ outcome }) => outcome === 'failed');
    for (const piece of PIECES) {
      if (reports.some((one) => one.piece === piece && one.outcome === 'worked')) continue;
      console.log(`  ! ${piece}: no way worked here`);
      failed = true;
    }
    console.log('\nnpm ci && npm start on a machine without java, mvn and gcloud:');
    const faults = await runWhole(join(folder, 'whole'), reports, (line) => console.log(`  · ${line}`));
    for (const fault of faults) console.log(`  ! ${fault}`);
    failed ||= faults.length > 0;
    console.log(failed ? '\nFAILED' : '\nTwo commands are enough.');
  } finally {
    await warden.close();
    await rm(folder, { recursive: true, force: true });
  }
  process.exit(failed ? 1 : 0);
});

function print({ piece, way, outcome, detail }: WayReport): void {
  console.log(`  ${piece.padEnd(9)} ${way.padEnd(34)} ${outcome.padEnd(20)} ${detail}`);
}
