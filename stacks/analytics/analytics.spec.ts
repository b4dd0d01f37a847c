import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { allOf, oneOf } from '../../test/infra/look-up.ts';
import { type Body, flinkSettings, platformOf, SETTINGS, synthesize } from '../../test/infra/synth.ts';

const folder = mkdtempSync(join(tmpdir(), 'flink-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, sha256: string) => {
  const path = join(folder, name);
  writeFileSync(path, name);
  return { name, path, sha256 };
};
const flink = flinkSettings('dev');
const flinkJob = [
  file('launcher.py', 'a'.repeat(64)),
  file('job.sql', 'b'.repeat(64)),
  file('kafka.jar', 'c'.repeat(64)),
];

describe('the analytics worker', () => {
  const { analytics } = platformOf('prod');
  const template = oneOf(analytics, 'google_cloud_run_v2_worker_pool').template as Body;
  const [container] = template.containers as Body[];

  it('runs the image that has its content as its tag', () => {
    expect(container!.image).toMatch(/\/analytics:content-hash$/);
  });

  it('has a fixed number of instances: worker pools know no other way', () => {
    // Cloud Run Admin API v2, WorkerPoolScaling: `manualInstanceCount` is its only field.
    expect(oneOf(analytics, 'google_cloud_run_v2_worker_pool').scaling).toEqual({ manual_instance_count: 3 });
  });

  it('has its database’s address from the secret, and no other secret', () => {
    const variables = container!.env as Body[];
    const secret = variables.filter((variable) => variable.value_source);
    expect(secret.map(({ name }) => name)).toEqual(['DATABASE_URL']);
    expect(JSON.stringify(variables)).not.toContain('postgres://');
  });

  it('reaches brokers and database through the network, by TLS to an authority that it has as a file', () => {
    expect(template.vpc_access).toMatchObject({ egress: 'PRIVATE_RANGES_ONLY' });
    const [volume] = template.volumes as Body[];
    const [mount] = container!.volume_mounts as Body[];
    expect(mount!.name).toBe(volume!.name);
    const [file] = (volume!.secret as { items: Body[] }).items;
    const url = oneOf(platformOf('prod').gcp, 'google_secret_manager_secret_version', 'url').secret_data_wo;
    expect(String(url)).toContain(
      `sslmode=verify-ca&sslrootcert=${String(mount!.mount_path)}/${String(file!.path)}`,
    );
  });
});

describe('alarms of the worker', () => {
  const { analytics, gcp } = platformOf('prod');
  const filters = Object.values(allOf(analytics, 'google_monitoring_alert_policy')).flatMap(
    ({ conditions }) =>
      (conditions as Body[]).flatMap((condition) =>
        Object.values(condition).flatMap((part) => (part as { filter?: string }).filter ?? []),
      ),
  );

  it('are about the pool that runs, and count the instances that are asked for', () => {
    const { name, scaling } = oneOf(analytics, 'google_cloud_run_v2_worker_pool');
    expect(filters).toHaveLength(4);
    expect(filters.filter((filter) => !filter.includes(`worker_pool_name = "${String(name)}"`))).toEqual([]);
    const gone = oneOf(analytics, 'google_monitoring_alert_policy', 'gone').conditions as Body[];
    expect((gone[0]!.condition_threshold as Body).threshold_value).toBe(
      (scaling as Body).manual_instance_count,
    );
  });

  it('match an error by the word that our programs log', () => {
    expect(filters.join()).toContain('jsonPayload.level = "error"');
  });

  it('and those of its database go to the same people as AWS’s', () => {
    expect(Object.keys(allOf(gcp, 'google_monitoring_alert_policy'))).toHaveLength(3);
    expect((oneOf(gcp, 'google_monitoring_notification_channel').labels as Body).email_address).toBe(
      SETTINGS.prod.edge.alarmAddress,
    );
  });
});

describe('the Flink job', () => {
  it('is left out while Node counts, whether there are files for it or not', () => {
    const { analytics } = synthesize(SETTINGS.dev, { flinkJob });
    expect(analytics.resource).not.toHaveProperty('google_dataproc_job');
  });

  it('is left out while no run was begun, and its cluster stands ready', () => {
    const { analytics, gcp } = synthesize({ ...flink, analytics: { engine: 'flink' } }, { flinkJob });
    expect(analytics.resource).not.toHaveProperty('google_dataproc_job');
    expect(gcp.resource).toHaveProperty('google_dataproc_cluster');
  });

  it('cannot be asked for while there is none', () => {
    expect(() => synthesize(flink)).toThrow(
      'analytics.engine is flink, but analytics/flink holds no job: set node',
    );
  });

  it('is staged by content: another file is another object and another job', () => {
    const [before, after] = [flinkJob, [...flinkJob.slice(0, 2), file('kafka.jar', 'd'.repeat(64))]].map(
      (files) => synthesize(flink, { flinkJob: files }).analytics,
    );
    const { args } = oneOf(before!, 'google_dataproc_job').pyspark_config as { args: string[] };
    expect(args).toContainEqual(expect.stringMatching(/^--file=gs:\/\/.+\/flink\/b{64}\/job\.sql$/));
    expect(args.join()).not.toContain('launcher.py');
    const idOf = (stack: typeof before) => (oneOf(stack!, 'google_dataproc_job').reference as Body).job_id;
    expect(idOf(after)).not.toBe(idOf(before));
    expect(oneOf(after!, 'google_storage_bucket_object', 'jar').name).toBe(
      `flink/${'d'.repeat(64)}/kafka.jar`,
    );
    expect(oneOf(before!, 'google_dataproc_job').pyspark_config).toMatchObject({
      main_python_file_uri: expect.stringMatching(/launcher\.py$/),
    });
  });

  it('is another one for another run, whose description it gets as an argument', () => {
    const other = { ...flink, analytics: { engine: 'flink' as const, run: `r-${'1'.repeat(36)}` } };
    const [one, another] = [flink, other].map((settings) =>
      oneOf(synthesize(settings, { flinkJob }).analytics, 'google_dataproc_job'),
    );
    expect((another!.reference as Body).job_id).not.toBe((one!.reference as Body).job_id);
    expect((another!.pyspark_config as { args: string[] }).args).toContainEqual(
      expect.stringMatching(new RegExp(`^--run=gs://.+/runs/${other.analytics.run}\\.json$`)),
    );
  });

  it('gives the launcher every argument that it wants, and no other', () => {
    const { args } = oneOf(synthesize(flink, { flinkJob }).analytics, 'google_dataproc_job')
      .pyspark_config as { args: string[] };
    const given = new Set(args.map((argument) => argument.slice(2).split('=')[0]!));
    const launcher = readFileSync(join(import.meta.dirname, '../../analytics/flink/launcher.py'), 'utf8');
    const [required = ''] = /for name in \(\n((?: +"[^)]+)+)\)/.exec(launcher)?.slice(1) ?? [];
    const wanted = [...required.matchAll(/"([a-z-]+)"/g)].map(([, name]) => name!);
    expect(wanted.length).toBeGreaterThan(8);
    expect(wanted.filter((name) => !given.has(name))).toEqual([]);
    expect([...given].filter((name) => !launcher.includes(`"--${name}"`) && !wanted.includes(name))).toEqual(
      [],
    );
  });

  it('fails the deployment when it does not start', () => {
    const { analytics } = synthesize(flink, { flinkJob });
    const { lifecycle } = oneOf(analytics, 'google_dataproc_job') as { lifecycle: Body };
    expect(lifecycle.postcondition).toEqual([
      expect.objectContaining({ condition: expect.stringContaining('self.status[0].state') }),
    ]);
  });
});
