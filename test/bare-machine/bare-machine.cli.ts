// `npm run test:bare-machine`: shows that two commands are enough where nothing is installed but Node, npm and git. Each way to each
// missing piece is tried once; then a copy of HEAD is installed, started and used with nothing of this machine in sight.
// Out: a line for each way and each step; exit code 1 when something failed that should have worked.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMain } from '#runtime/lifecycle.ts';
import { sharedWarden } from '../../local/launcher/warden.ts';
import { piecesOutOfReach, tryWays, type WayReport } from './ways.ts';
import { runWhole } from './whole-run.ts';

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
    const outOfReach = piecesOutOfReach(reports);
    if (outOfReach.length > 0) {
      console.log(
        `\nA start on a bare machine cannot be shown here: nothing brings ${outOfReach.join(', ')}.`,
      );
    } else {
      console.log('\nnpm ci && npm start on a machine without java, mvn and gcloud:');
      const faults = await runWhole(join(folder, 'whole'), reports, (line) => console.log(`  · ${line}`));
      for (const fault of faults) console.log(`  ! ${fault}`);
      failed ||= faults.length > 0;
    }
    console.log(failed ? '\nFAILED' : '\nNothing failed that should have worked.');
  } finally {
    await warden.close();
    await rm(folder, { recursive: true, force: true });
  }
  process.exit(failed ? 1 : 0);
});

function print({ piece, way, outcome, detail }: WayReport): void {
  console.log(`  ${piece.padEnd(9)} ${way.padEnd(34)} ${outcome.padEnd(20)} ${detail}`);
}
