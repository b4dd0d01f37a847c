import { parser } from '@grafana/lezer-logql';
import { describe, expect, it } from '@jest/globals';
import { runToEnd } from '../../test/child-process.ts';
import { alloyConfig, STREAM_LABELS } from './alloy-config.ts';
import { logs } from './queries/logs.ts';
import { ask } from './queries/query.ts';

const config = alloyConfig({ namespaces: ['shop'], isClustered: false });

/** The arguments of a stage, by name. */
function valuesOf(stage: string): Map<string, string> {
  const [, block = ''] = new RegExp(`stage\\.${stage} \\{[^{]*\\{ ([^}]*) \\}`).exec(config) ?? [];
  return new Map([...block.matchAll(/(\w+) = "(\w*)"/g)].map(([, name = '', value = '']) => [name, value]));
}

/** As the stages of the pipeline do: fields out of the line, some of them labels, some beside it. */
function taken(line: string) {
  const fields = new Map(Object.entries(JSON.parse(line) as Record<string, unknown>));
  const extracted = new Map(
    [...valuesOf('json')].map(([name, expression]) => [name, fields.get(expression)] as const),
  );
  const chosen = (stage: string) =>
    Object.fromEntries(
      [...valuesOf(stage)].flatMap(([name, source]) => {
        const value = extracted.get(source || name);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  return { labels: chosen('labels'), metadata: chosen('structured_metadata') };
}

describe('the pipeline of logs', () => {
  it('takes from the lines that our processes write their labels, and the id of their trace', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { output } = await runToEnd(`
      import { createLogger } from '#runtime/log.ts';
      import { traceIdOf } from '#runtime/trace.ts';
      const log = createLogger('order', 'info');
      log.warn({ topic: 'order.placed', ...traceIdOf('${traceparent}') }, 'event not handled');
      log.info('ready');`);
    expect(output.trim().split('\n').map(taken)).toEqual([
      {
        labels: { process: 'order', level: 'warn' },
        metadata: { traceId: '0af7651916cd43dd8448eb211c80319c' },
      },
      { labels: { process: 'order', level: 'info' }, metadata: {} },
    ]);
  });

  it('gives every label by which a query chooses streams', () => {
    const labels = Object.values(logs).flatMap((query) =>
      labelsOf(ask({ promql: query.logql }, { window: '5m' })),
    );
    expect(labels).toContain('process');
    expect(labels.filter((label) => !STREAM_LABELS.includes(label))).toEqual([]);
    expect(labelsOf('{app="order"} | json')).toEqual(['app']);
  });
});

/** Left of the matchers of a query's streams. @throws Error where it is no LogQL */
function labelsOf(logql: string): string[] {
  const found: string[] = [];
  parser.parse(logql).iterate({
    enter: ({ type, from, node }) => {
      if (type.isError) throw new Error(`no LogQL at ${from}: ${logql}`);
      const name = type.name === 'Matcher' && node.getChild('Identifier');
      if (name) found.push(logql.slice(name.from, name.to));
    },
  });
  return found;
}
