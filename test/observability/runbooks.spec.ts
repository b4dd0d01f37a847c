// Every alert leads to a page that says what it means, how to see it and what to do, and every page is of an alert.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ALERTS, runbookOf } from '../../k8s/observability/alerts/rules.ts';
import { readOverlays } from '../../k8s/overlays.ts';
import { alertsOf } from './rule-proofs/rule-tests.ts';

const ROOT = join(import.meta.dirname, '../..');
const alerts = ALERTS.flatMap(([, all]) => all);

/** Pages that others lead to: alarms of the clouds, log lines, errors. */
const OF_OTHERS: ReadonlyMap<string, string> = new Map([
  ['lambda-dead-letters', 'an alarm of CloudWatch'],
  ['log-gap', 'the last line of a worker’s log'],
  ['restored-database', 'the error of a delivery'],
]);

/** Names of alerts on the line that begins so. */
const namedIn = (text: string): string[] => {
  const [, line = ''] = /^Alerts?: (.+?)\n\n/ms.exec(text) ?? [];
  return [...line.matchAll(/`([A-Z]\w+)`/g)].map(([, name = '']) => name);
};

const pages = new Map(
  readdirSync(join(ROOT, 'docs/runbooks')).map((file) => [
    file.replace(/\.md$/, ''),
    readFileSync(join(ROOT, 'docs/runbooks', file), 'utf8'),
  ]),
);

describe('a page of a runbook', () => {
  it.each([...pages])('is of the alerts that it names: %s', (page, text) => {
    const leading = [...new Set(alerts.filter((alert) => alert.page === page).map(({ name }) => name))];
    expect(namedIn(text).toSorted()).toEqual(leading.toSorted());
    expect(leading.length > 0 || OF_OTHERS.has(page)).toBe(true);
  });

  it.each([...new Set(alerts.map(({ page }) => page))])('is there: %s', (page) => {
    expect(pages.has(page)).toBe(true);
  });

  // Two are older than the manner, and say the same in other words.
  const older = new Set(['dead-letters', 'partition-held', ...OF_OTHERS.keys()]);
  it.each([...pages].filter(([page]) => !older.has(page)))(
    'says what it means, how to see it, what to do: %s',
    (_page, text) => {
      for (const part of ['What it means.', 'How to see it.', 'What to do.'])
        expect(text).toContain(`**${part}**`);
      expect(text).toMatch(/^1\. /m);
    },
  );
});

describe('an alert', () => {
  it.each(alerts.map((alert) => [alert.name, alert] as const))(
    'names the process or object that it is about: %s',
    (name, alert) => {
      const { summary, description, labels = {} } = alert;
      if (name === 'Watchdog') return;
      const of = /\{\{ \$labels\.\w+ \}\}/;
      const literal = labels.process ?? labels.exporter;
      for (const text of [summary, description])
        expect(literal === undefined ? of.test(text) : text.includes(literal)).toBe(true);
      expect(description).toMatch(/\.$/);
    },
  );

  it.each(readOverlays().map((overlay) => [overlay.name, overlay] as const))(
    'leads to its page in the repository that is synced: %s',
    (_name, overlay) => {
      const { url, revision } = overlay.repository;
      for (const { alert, annotations } of alertsOf(overlay)) {
        const page = alerts.find(({ name }) => name === alert)!;
        expect(annotations.runbook_url).toBe(`${url}/blob/${revision}/${runbookOf(page)}`);
      }
    },
  );
});

describe('negative control', () => {
  it('a page without its line names nothing', () => {
    expect(namedIn('# A page\n\nAbout `OutboxStands`.')).toEqual([]);
    expect(namedIn('# A page\n\nAlerts: `OutboxStands`,\n`OutboxBacklog`.\n\nText `Other`.')).toEqual([
      'OutboxStands',
      'OutboxBacklog',
    ]);
  });
});
