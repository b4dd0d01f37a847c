// The rules as a real promtool judges them: right in form, firing and silent when they must.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ALERTS, ruleFiles } from '../../k8s/observability/alerts/rules.ts';
import { type Overlay, readOverlays } from '../../k8s/overlays.ts';
import { describeWithPrometheus } from '../prometheus/with-prometheus.ts';
import { type Proof, silent, still } from './rule-proofs/proof.ts';
import { PROOFS } from './rule-proofs/proofs.ts';
import { alertsOf, ruleTestFiles } from './rule-proofs/rule-tests.ts';

const overlays = readOverlays();
const [local] = overlays as [Overlay];
const aws = overlays.at(-1)!;
const testMsMax = 600_000;

const hasAlert = (overlay: Overlay, name: string): boolean =>
  alertsOf(overlay).some(({ alert }) => alert === name);
/** Each is run once: by the rules of a laptop's cluster, or by those of AWS for what is there alone. */
const proofsFor = (overlay: Overlay): readonly Proof[] =>
  PROOFS.filter(({ alert }) => hasAlert(local, alert) === (overlay === local));

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'rules-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('the proofs of alerts', () => {
  const names = [...new Set(ALERTS.flatMap(([, alerts]) => alerts.map(({ name }) => name)))];
  // It fires always, on purpose.
  const ALWAYS = 'Watchdog';

  it.each(names)('have a firing and a silent case: %s', (name) => {
    const cases = PROOFS.filter(({ alert }) => alert === name).flatMap((proof) => proof.cases);
    const firing = cases.filter(({ fires }) => fires.length > 0);
    expect(firing.length).toBeGreaterThan(0);
    if (name !== ALWAYS) expect(cases.length).toBeGreaterThan(firing.length);
  });

  it('fire each rule, also of those that share a name', () => {
    const unproven = [local, aws].flatMap((overlay) =>
      alertsOf(overlay).filter(
        ({ alert, labels }) =>
          !PROOFS.filter((proof) => proof.alert === alert).some(({ cases }) =>
            cases.some(({ fires }) =>
              fires.some((found) =>
                Object.entries(labels).every(([key, value]) => key === 'severity' || found[key] === value),
              ),
            ),
          ),
      ),
    );
    expect(unproven.map(({ alert, labels }) => ({ alert, labels }))).toEqual([]);
  });

  it('are of no alert that is none', () => {
    expect(PROOFS.map(({ alert }) => alert).filter((alert) => !names.includes(alert))).toEqual([]);
  });
});

await describeWithPrometheus('rules', ({ promtool }) => {
  const run = (folder: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(promtool, args, { cwd: folder, encoding: 'utf8' });
    return { status, text: `${stdout}\n${stderr}` };
  };
  const test = (overlay: Overlay, proofs: readonly Proof[], rules = ruleFiles(overlay)) => {
    const tests = ruleTestFiles(overlay, proofs);
    return run(folderOf({ ...rules, ...tests }), 'test', 'rules', ...Object.keys(tests));
  };

  it.each(overlays.map((overlay) => [overlay.name, overlay] as const))(
    'are right in form: %s',
    (_name, overlay) => {
      const files = ruleFiles(overlay);
      const { status, text } = run(folderOf(files), 'check', 'rules', ...Object.keys(files));
      expect({ status, text }).toEqual({ status: 0, text: expect.not.stringContaining('FAILED') });
      expect(text.match(/SUCCESS/g)).toHaveLength(Object.keys(files).length);
    },
    testMsMax,
  );

  it.each([local, aws].map((overlay) => [overlay.name, overlay] as const))(
    'fire and are silent as their proofs say: %s',
    (_name, overlay) => {
      const { status, text } = test(overlay, proofsFor(overlay));
      expect({ status, text }).toEqual({ status: 0, text: expect.not.stringContaining('FAILED') });
    },
    testMsMax,
  );

  it(
    'negative control: a rule whose number was changed fails its proof',
    () => {
      const rules = Object.fromEntries(
        Object.entries(ruleFiles(local)).map(([name, text]) => [name, text.replace('> 120', '> 120000')]),
      );
      const { status, text } = test(
        local,
        PROOFS.filter(({ alert }) => alert === 'OutboxStands'),
        rules,
      );
      expect(status).not.toBe(0);
      expect(text).toContain('OutboxStands: the broker is away');
    },
    testMsMax,
  );

  it(
    'negative control: a proof that claims silence where there is none fails',
    () => {
      const lie = silent('a partition is held', 10, {
        'kafka_consumer_partition_held{process="cart",group="cart",topic="order.placed",partition="0"}':
          still(1),
      });
      const { status } = test(local, [{ alert: 'PartitionHeld', cases: [lie] }]);
      expect(status).not.toBe(0);
    },
    testMsMax,
  );

  it('negative control: an expression that is none is refused', () => {
    const folder = folderOf({ 'a.yaml': 'groups: [{ name: a, rules: [{ record: a, expr: "sum(" }] }]' });
    expect(run(folder, 'check', 'rules', 'a.yaml').status).not.toBe(0);
  });
});
