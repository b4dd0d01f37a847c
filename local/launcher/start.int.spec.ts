import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { PROCESSES } from '#contracts/processes.ts';
import { loadConfig } from '#runtime/config.ts';
import { createKafka, createProducer, kafkaConfig } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import {
  everyProcess,
  freePorts,
  killAll,
  type Launcher,
  launch,
  recordedRun,
  survivors,
} from '../../test/launcher.ts';
import { makeServerFolder } from '../../test/platform/server-folder.ts';
import { prometheusOrReason } from '../../test/prometheus/with-prometheus.ts';
import { tellReporter } from '../../test/runner/to-reporter.ts';
import { readTopic } from '../../test/topic-reader.ts';
import { isSameProcess, type ProcessIdentity } from './process-identity.ts';

jest.setTimeout(240_000);
const GONE_MS_MAX = 60_000;
const TOPIC = 'product-images.rejected';

const prometheus = await prometheusOrReason();
const itWithPrometheus = 'missing' in prometheus ? it.skip : it;
if ('missing' in prometheus)
  tellReporter({ isFailure: false, text: `NOT RUN: metrics under npm start (${prometheus.missing})` });

let folder: string;
let env: Record<string, string>;
let launcher: Launcher;
/** Whoever lives, so that a failed rule leaves nothing running either. */
const seen: ProcessIdentity[] = [];
const noteProcesses = async () => {
  const run = await recordedRun(folder);
  seen.push(run.launcher, ...everyProcess(run));
  return run;
};
/** The shop's services start once: what is proved here is the launcher's. */
const start = async (args = ['--no-samples', '--no-shop']) => {
  launcher = launch(env, args);
  await launcher.waitFor('Ready in');
  await noteProcesses();
};

beforeAll(async () => {
  folder = await makeServerFolder('start-');
  env = { ...(await freePorts()), LOCAL_DIR: folder };
});
afterAll(async () => {
  await killAll(seen);
  await rm(folder, { recursive: true, force: true });
});

const query = async (sql: string) => {
  const client = new pg.Client(`postgres://postgres@127.0.0.1:${env.LOCAL_POSTGRES_PORT}/shop`);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};
const kafka = () =>
  createKafka(
    loadConfig(kafkaConfig, { KAFKA_BROKERS: `127.0.0.1:${env.LOCAL_KAFKA_PORT}` }),
    'spec',
    createLogger('spec', 'silent'),
  );
const statusOf = async (port: string, path: string) =>
  (await fetch(`http://127.0.0.1:${port}${path}`)).status;

/** By job, what a Prometheus reads. */
async function targetsOf(address: string): Promise<string[]> {
  const answer = await fetch(`${address}/api/v1/targets`);
  const { data } = (await answer.json()) as { data: { activeTargets: { labels: { job: string } }[] } };
  return data.activeTargets.map(({ labels }) => labels.job);
}

describe('a running platform', () => {
  beforeAll(() => start(['--no-samples']));

  it('serves the console and a ready worker', async () => {
    expect(await statusOf(env.CONSOLE_PORT!, '/api/totals')).toBe(200);
    expect(await statusOf(env.OPS_PORT!, '/readyz')).toBe(200);
  });

  it('prints one address, whose pages lead to everything else', async () => {
    const address = `http://127.0.0.1:${env.STOREFRONT_PORT}`;
    const [, ready = ''] = launcher.output().split('\nReady in ');
    expect(ready.match(/http:\/\/\S+/g)).toEqual([address]);
    const linksOf = async (path: string) => {
      const html = await (await fetch(`${address}${path}`)).text();
      return [...html.matchAll(/href="([^"]+)"/g)].map(([, url]) => url);
    };
    const mailbox = `http://127.0.0.1:${env.NOTIFICATION_PORT}/mailbox`;
    const others = [
      `http://127.0.0.1:${env.LOCAL_TRACES_PORT}/traces`,
      ...('missing' in prometheus ? [] : [`http://127.0.0.1:${env.LOCAL_PROMETHEUS_PORT}`]),
    ];
    expect(await linksOf('/')).toEqual(expect.arrayContaining(['/platform', mailbox]));
    expect(await linksOf('/platform')).toEqual(expect.arrayContaining([mailbox, ...others]));
    for (const url of [mailbox, ...others]) expect((await fetch(url)).status).toBe(200);
  });

  it('has an admin, shown on its sign-in page, who can sell', async () => {
    const shop = `http://127.0.0.1:${env.STOREFRONT_PORT}`;
    const page = await (await fetch(`${shop}/account/sign-in`)).text();
    const [email, password] = [...page.matchAll(/<dd class="code">([^<]+)</g)].map(([, text]) => text!);
    const signedIn = await fetch(`${shop}/account/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: shop },
      body: new URLSearchParams({ email: email!, password: password! }),
    });
    const cookie = signedIn.headers.getSetCookie().map((one) => one.split(';')[0]);
    const seller = await fetch(`${shop}/seller`, { headers: { cookie: cookie.join('; ') } });
    expect([signedIn.status, seller.status, await seller.text()]).toEqual([
      303,
      200,
      expect.stringContaining('Olive tea tin'),
    ]);
  });

  it('is left alone by a second start, which names its pid and addresses and ends with 1', async () => {
    const before = await recordedRun(folder);
    const second = launch(env);
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`running already: pid ${launcher.child.pid}`);
    expect(second.output()).toContain(`http://127.0.0.1:${env.CONSOLE_PORT}`);
    expect(await recordedRun(folder)).toEqual(before);
    expect(await statusOf(env.OPS_PORT!, '/readyz')).toBe(200);
  });

  it('makes a start in another folder name every taken port, with the variable that changes it', async () => {
    const other = launch({ ...env, LOCAL_DIR: join(folder, 'other') });
    expect(await other.ended).toBe(1);
    for (const [variable, port] of Object.entries(env)) {
      if (variable === 'LOCAL_PROMETHEUS_PORT' && 'missing' in prometheus) continue;
      // Nobody listens there but Flink, which this start does not have.
      if (variable === 'LOCAL_FLINK_PORT') continue;
      if (variable !== 'LOCAL_DIR') expect(other.output()).toMatch(new RegExp(`${port}: .*${variable}`));
    }
    expect(existsSync(join(folder, 'other/run.json'))).toBe(false);
  });

  itWithPrometheus('has its metrics read by the real Prometheus, whose end ends nothing else', async () => {
    const address = `http://127.0.0.1:${env.LOCAL_PROMETHEUS_PORT}`;
    const answer = await fetch(`${address}/api/v1/targets`, {
      headers: { origin: 'http://elsewhere.example' },
    });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    const serving = PROCESSES.filter(({ port }) => port !== undefined).map(({ name }) => name);
    // It answers before it has looked for the first time at the file that names them.
    let jobs = await targetsOf(address);
    while (jobs.length === 0) {
      await sleep(200);
      jobs = await targetsOf(address);
    }
    expect(jobs.toSorted()).toEqual(serving.toSorted());

    const { processes } = await recordedRun(folder);
    process.kill(processes.find(({ name }) => name === 'Prometheus')!.identity.pid, 'SIGKILL');
    await launcher.waitFor('nobody records metrics any more; all else goes on');
    expect(await statusOf(env.OPS_PORT!, '/readyz')).toBe(200);
  });

  it('starts a process again that was killed, and says so', async () => {
    const { processes } = await recordedRun(folder);
    process.kill(processes.find(({ name }) => name === 'analytics worker')!.identity.pid, 'SIGKILL');
    await launcher.waitFor('analytics worker is back');
    await noteProcesses();
    expect(launcher.output()).toContain('analytics worker ended by SIGKILL; started again in');
    expect(await statusOf(env.OPS_PORT!, '/readyz')).toBe(200);
  });

  it('leaves no process when its launcher is killed', async () => {
    await query(`CREATE TABLE kept AS SELECT 'row' AS what`);
    const producer = createProducer(kafka());
    await producer.connect();
    await producer.send({ topic: TOPIC, messages: [{ key: 'kept', value: 'record' }] });
    await producer.disconnect();

    const run = await recordedRun(folder);
    launcher.child.kill('SIGKILL');
    expect(await launcher.ended).toBe('SIGKILL');
    expect(everyProcess(run).length).toBeGreaterThanOrEqual(6);
    expect(await survivors(everyProcess(run), GONE_MS_MAX)).toEqual([]);
  });
});

describe('the start after a kill', () => {
  beforeAll(() => start());

  it('keeps what Postgres and Kafka held', async () => {
    expect(await query('SELECT what FROM kept')).toEqual([{ what: 'row' }]);
    const records = await readTopic(kafka(), TOPIC);
    expect(records.map(({ value }) => value?.toString())).toEqual(['record']);
    expect(launcher.output()).toMatch(/ 0 of \d+ are new/);
  });

  it('ends what a launcher left that was killed together with its warden', async () => {
    const left = await recordedRun(folder);
    process.kill(left.warden!.pid, 'SIGKILL');
    launcher.child.kill('SIGKILL');
    await launcher.ended;
    expect(await isSameProcess(left.processes.find(({ name }) => name === 'Postgres')!.identity)).toBe(true);

    await start();
    expect(launcher.output()).toContain('which a killed run left');
    expect(await survivors(everyProcess(left), 0)).toEqual([]);
    expect(await query('SELECT what FROM kept')).toEqual([{ what: 'row' }]);
  });

  it('stops everything and ends with 1 when a server dies', async () => {
    const run = await recordedRun(folder);
    process.kill(run.processes.find(({ name }) => name === 'Firestore emulator')!.identity.pid, 'SIGKILL');
    expect(await launcher.ended).toBe(1);
    expect(launcher.output()).toContain('Firestore emulator ended by SIGKILL: nothing works without it');
    expect(await survivors(everyProcess(run), 0)).toEqual([]);
    expect(existsSync(join(folder, 'run.json'))).toBe(false);
  });
});

describe('a start', () => {
  it('that is interrupted half-way stops what it had begun and ends with 0', async () => {
    launcher = launch(env);
    await launcher.waitFor('Postgres');
    const run = await noteProcesses();
    launcher.child.kill('SIGINT');
    expect(await launcher.ended).toBe(0);
    expect(await survivors(everyProcess(run), 0)).toEqual([]);
    expect(existsSync(join(folder, 'run.json'))).toBe(false);
  });

  it('that npm made stops when npm is stopped', async () => {
    const npm = launch(env, ['--no-samples', '--no-shop'], ['npm', 'start', '--']);
    await npm.waitFor('Ready in');
    const run = await noteProcesses();
    npm.child.kill('SIGTERM');
    expect(await survivors([run.launcher, ...everyProcess(run)], GONE_MS_MAX)).toEqual([]);
    expect(npm.output()).toContain('because npm has ended');
    expect(existsSync(join(folder, 'run.json'))).toBe(false);
  });

  it('with --fresh begins without the data of earlier runs', async () => {
    launcher = launch(env, ['--fresh', '--no-samples', '--no-shop']);
    await launcher.waitFor('Postgres  ');
    await noteProcesses();
    await expect(query('SELECT what FROM kept')).rejects.toThrow('does not exist');
    launcher.child.kill('SIGTERM');
    expect(await launcher.ended).toBe(0);
  });

  /** An environment where nothing is installed, nothing was fetched, and no server answers. */
  const bareMachine = () => ({
    PATH: dirname(process.execPath),
    HOME: join(folder, 'bare-home'),
    JAVA_HOME: '',
    LOCAL_CACHE_DIR: join(folder, 'bare-cache'),
    DATABASE_URL: 'postgres://elsewhere/shop',
    TEMURIN_MIRROR: 'http://127.0.0.1:3',
    MAVEN_REPOSITORY: 'http://127.0.0.1:3',
  });

  it('that is offline on a bare machine names all that is missing, and what hands it over', async () => {
    const bare = { ...bareMachine(), FIRESTORE_EMULATOR_JAR: `/${randomUUID()}.jar` };
    const other = launch({ ...env, ...bare }, ['--offline']);
    expect(await other.ended).toBe(1);
    expect(other.output()).toMatch(/Java 17 or later: not in JAVA_HOME.*\n +JAVA_HOME names one/);
    expect(other.output()).toMatch(/Apache Kafka's jars: (\d+) of \1 are neither.*\n +KAFKA_BROKERS names/);
    expect(other.output()).toContain(
      `FIRESTORE_EMULATOR_JAR names ${bare.FIRESTORE_EMULATOR_JAR}, and there`,
    );
    expect(existsSync(bare.LOCAL_CACHE_DIR)).toBe(false);
  });

  it('that reaches no server says so in one sentence, and what points elsewhere', async () => {
    const other = launch({ ...env, ...bareMachine() });
    expect(await other.ended).toBe(1);
    expect(other.output()).toMatch(
      /\nThere is no Java 17 or later, and OpenJDK25U\S+ could not be fetched from the Temurin mirror named by TEMURIN_MIRROR \(127\.0\.0\.1:3\): [^\n]+there is no pip on this machine; TEMURIN_MIRROR names another server, JAVA_HOME a Java 17 or later of yours\n/,
    );
    expect(other.output()).not.toMatch(/^ +at /m);
  });

  it('with a faulty setting names it', async () => {
    const other = launch({ ...env, CONSOLE_PORT: 'four thousand' });
    expect(await other.ended).toBe(1);
    expect(other.output()).toContain('CONSOLE_PORT: expected a whole number (port of the console)');
  });
});
