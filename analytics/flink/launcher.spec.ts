// The launcher itself, by the real Python, with stand-ins for the commands of the master that it runs.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jobArguments, SQL_FILE } from './job.ts';

const LAUNCHER = join(import.meta.dirname, 'launcher.py');
const PASSWORD = "it's secret";
const DATABASE_URL = `postgres://worker:${encodeURIComponent(PASSWORD)}@10.0.0.5:5432/analytics?sslmode=verify-ca&sslrootcert=/etc/cloud-sql/server-ca.pem`;
const RUN = {
  runId: 'r-1',
  topic: 'images',
  parts: [
    { part: 0, readFrom: 5, countFrom: 9, maxTimeMs: 60_000 },
    { part: 1, readFrom: 0, countFrom: 0, maxTimeMs: null },
  ],
};
const SQL = `CREATE TABLE t WITH ('topic' = '\${TOPIC}', 'offsets' = '\${READ_FROM}', 'password' = '\${DATABASE_PASSWORD}'\${KAFKA_OPTIONS});
INSERT INTO s SELECT '\${RUN_ID}' FROM t WHERE record_offset >= \${COUNT_FROM} AND ms > \${KNOWN_MAX_MS} AND '\${JDBC_URL}' <> '';
`;
const JOB = 'a'.repeat(32);

let folder: string;
const inside = (...names: string[]) => join(folder, ...names);
const state = (name: string, value: string) => writeFileSync(inside('state', name), value);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'launcher-'));
  for (const name of ['bin', 'state', 'bucket']) mkdirSync(inside(name));
  state('run', JSON.stringify(RUN));
  state('url', DATABASE_URL);
  state('ca', 'a certificate');
  state('sessions', '');
  standIn(
    'gcloud',
    `case "$1 $2" in
  'storage cp') cp "$STATE/../bucket/\${3##*/}" "$4" ;;
  'storage cat') cat "$STATE/run" ;;
  'storage ls') [ -e "$STATE/states" ] && grep -F "\${4%%/\\*\\*/_metadata}/" "$STATE/states" || { echo 'ERROR: One or more URLs matched no objects.' >&2; exit 1; } ;;
  'secrets versions') case "$5" in *url) cat "$STATE/url" ;; *) cat "$STATE/ca" ;; esac ;;
esac`,
  );
  standIn(
    'yarn',
    `case "$2" in -list) cat "$STATE/sessions" ;; -kill) grep -v "^$3" "$STATE/sessions" >"$STATE/left"; mv "$STATE/left" "$STATE/sessions" ;; esac; true`,
  );
  standIn(
    'flink',
    `case "$1" in
  list) [ -e "$STATE/fails" ] || echo "28.11.2026 21:00:00 : ${JOB} : image-bytes (RUNNING)" ;;
  stop) [ -e "$STATE/mute" ] && echo 'Suspending job.' || echo "Savepoint completed. Path: $3/savepoint-aaaaaa-1" ;;
esac`,
  );
  standIn(
    'yarn-session.sh',
    `printf 'application_1_2\\t%s\\tApache Flink\\n' "$3" >>"$STATE/sessions"; echo 'Submitted application application_1_2'`,
  );
  standIn(
    'sql-client.sh',
    `cat "\${!#}" >"$STATE/script"; stat -c %a "\${!#}" >"$STATE/mode"; [ ! -e "$STATE/says" ] || cat "$STATE/says"`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Notes each call, one a line, then does these lines. */
function standIn(command: string, lines: string): void {
  const path = inside('bin', command);
  writeFileSync(path, `#!/bin/bash\necho "${command} $*" >>"$STATE/calls"\n${lines}\n`);
  chmodSync(path, 0o755);
}

const stage = (
  name: string,
  content: string,
  sha256 = createHash('sha256').update(content).digest('hex'),
) => {
  writeFileSync(inside('bucket', name), content);
  return `--file=gs://staging/flink/${sha256}/${name}`;
};

async function python(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn('python3', [LAUNCHER, ...args], {
    env: {
      PATH: `${inside('bin')}:${process.env.PATH}`,
      STATE: inside('state'),
      LAUNCHER_LOOK_SECONDS: '0.01',
      PYTHONDONTWRITEBYTECODE: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const [status] = await once(child, 'close');
  return { status: status as number, output };
}

const start = (...files: string[]) =>
  python([
    '--name=shop-dev-image-bytes',
    '--run=gs://checkpoints/runs/r-1.json',
    '--bootstrap-servers=b-1:9098',
    '--kafka-region=eu-central-1',
    '--kafka-role-arn=arn:aws:iam::1:role/flink',
    '--kafka-audience=shop-dev-kafka',
    '--database-url-secret=projects/p/secrets/shop-dev-database-url',
    '--database-ca-secret=projects/p/secrets/shop-dev-database-ca',
    '--checkpoints=gs://checkpoints/checkpoints',
    '--savepoints=gs://checkpoints/savepoints',
    '--steady-seconds=0.02',
    '--start-seconds-max=1',
    ...(files.length > 0 ? files : [stage('image-bytes.sql', SQL), stage('kafka.jar', 'a jar')]),
  ]);
const calls = () => readFileSync(inside('state', 'calls'), 'utf8').trim().split('\n');
const called = (command: string) => calls().filter((call) => call.startsWith(command));
/** As `yarn application -list` prints an application. */
const running = (id: string, name: string) => state('sessions', `${id}\t${name}\tApache Flink\troot\n`);

describe('the launcher', () => {
  it('starts the job of a run at the run’s own offsets when there is no state of it', async () => {
    expect(await start()).toEqual({
      status: 0,
      output: 'launcher: run r-1 begins at its own offsets\nlauncher: application_1_2 counts for run r-1\n',
    });
    const script = readFileSync(inside('state', 'script'), 'utf8');
    expect(script).toContain(
      `'offsets' = 'partition:0,offset:5;partition:1,offset:0', 'password' = 'it''s secret'`,
    );
    expect(script).toContain(
      'record_offset >= (CASE part WHEN 0 THEN CAST(9 AS BIGINT) WHEN 1 THEN CAST(0 AS BIGINT) ELSE 0 END)',
    );
    expect(script).toContain(
      'ms > (CASE part WHEN 0 THEN CAST(60000 AS BIGINT) ELSE CAST(NULL AS BIGINT) END)',
    );
    expect(script).toMatch(/jdbc:postgresql:..10.0.0.5:5432.analytics\?.*logServerErrorDetail=false/);
    expect(script).toContain('sslmode=verify-ca&sslrootcert=database-ca.pem');
    expect(script).toContain(`'properties.sasl.mechanism' = 'AWS_MSK_IAM'`);
    expect(readFileSync(inside('state', 'mode'), 'utf8').trim()).toBe('600');
    const [submitted] = called('sql-client.sh');
    expect(submitted).toMatch(
      /-Dyarn\.application\.id=application_1_2 --jar \S+\/kafka\.jar --file \S+\.sql$/,
    );
    expect(submitted).not.toContain('state-recovery');
  });

  it('fills in the job’s own SQL as it is filled in on a laptop', async () => {
    const sql = readFileSync(SQL_FILE, 'utf8');
    expect((await start(stage('image-bytes.sql', sql))).status).toBe(0);
    const given = jobArguments({
      run: RUN,
      brokers: 'b-1:9098',
      group: 'image-bytes',
      kafkaOptions: {
        'security.protocol': 'SASL_SSL',
        'sasl.mechanism': 'AWS_MSK_IAM',
        'sasl.jaas.config': 'software.amazon.msk.auth.iam.IAMLoginModule required awsProfileName="kafka";',
        'sasl.client.callback.handler.class': 'software.amazon.msk.auth.iam.IAMClientCallbackHandler',
      },
      databaseUrl: DATABASE_URL,
      outOfOrderBoundMs: 5_000,
      latenessMs: 5_000,
      checkpointInterval: '5 s',
    });
    const onLaptop = sql.replaceAll(/\$\{([A-Z_]+)\}/g, (_, name: string) => given.get(name)!);
    const onDataproc = readFileSync(inside('state', 'script'), 'utf8').replaceAll(
      '&sslmode=verify-ca&sslrootcert=database-ca.pem',
      '',
    );
    const spaced = (text: string) => text.replaceAll(/\s+/g, ' ');
    expect(spaced(onDataproc)).toBe(spaced(onLaptop));
  });

  it('stops the one that runs with a savepoint, and goes on from that', async () => {
    running('application_1_1', 'shop-dev-image-bytes/r-1');
    expect((await start()).status).toBe(0);
    expect(called('flink stop')).toEqual([
      `flink stop --savepointPath gs://checkpoints/savepoints/r-1 -t yarn-session -Dyarn.application.id=application_1_1 ${JOB}`,
    ]);
    expect(called('yarn application -kill')).toEqual(['yarn application -kill application_1_1']);
    expect(called('sql-client.sh')[0]).toContain(
      '-Dexecution.state-recovery.path=gs://checkpoints/savepoints/r-1/savepoint-aaaaaa-1 ',
    );
    const order = calls().map((call) => call.split(' ').slice(0, 2).join(' '));
    expect(order.indexOf('flink stop')).toBeLessThan(
      order.findIndex((call) => call.startsWith('yarn-session')),
    );
  });

  it('leaves alone what is not its own, and the state of another run', async () => {
    state(
      'sessions',
      'application_9_9\tsomebody-else/r-1\tApache Flink\napplication_1_1\tshop-dev-image-bytes/r-0\tApache Flink\n',
    );
    expect((await start()).status).toBe(0);
    expect(called('yarn application -kill')).toEqual(['yarn application -kill application_1_1']);
    expect(called('sql-client.sh')[0]).not.toContain('state-recovery');
  });

  it('goes on from the newest state of the run when none runs', async () => {
    state(
      'states',
      [
        '100  2026-11-28T10:00:00Z  gs://checkpoints/savepoints/r-1/savepoint-a-1/_metadata',
        '100  2026-11-28T12:00:00Z  gs://checkpoints/checkpoints/r-1/abc/chk-7/_metadata',
        '100  2026-11-28T13:00:00Z  gs://checkpoints/checkpoints/r-0/abc/chk-9/_metadata',
        '',
      ].join('\n'),
    );
    expect((await start()).output).toContain('goes on from gs://checkpoints/checkpoints/r-1/abc/chk-7\n');
  });

  it('gives every container the certificate, the profile and itself, and no secret', async () => {
    await start();
    const [session] = called('yarn-session.sh');
    expect(session).toMatch(/-Dyarn\.ship-files=\S+\/database-ca\.pem;\S+\/launcher\.py;\S+\/aws-config /);
    expect(session).toContain('-Dcontainerized.taskmanager.env.AWS_CONFIG_FILE=aws-config');
    for (const call of calls()) expect(call).not.toContain('secret@');
    expect(calls().join('\n')).not.toContain('it%27s');
  });

  it.each<[string, () => void, RegExp]>([
    ['a staged file is not what its name says', () => {}, /has SHA-256/],
    ['there is no Flink', () => rmSync(inside('bin', 'flink')), /there is no flink on this machine/],
    ['a stopped job tells of no savepoint', () => state('mute', ''), /told of no savepoint/],
    ['the job does not keep running', () => state('fails', ''), /did not keep running/],
    [
      'a statement is refused',
      () => state('says', `[ERROR] Could not execute: ${PASSWORD} 'it''s secret'`),
      /a statement was refused/,
    ],
    [
      'the run cannot be read',
      () => standIn('gcloud', '[ "$2" = cat ] && exit 3; cp "$STATE/../bucket/${3##*/}" "$4"'),
      /gcloud storage cat ended with 3/,
    ],
  ])('fails loudly when %s', async (what, breakIt, says) => {
    if (/stopped job|no Flink/.test(what)) running('application_1_1', 'shop-dev-image-bytes/r-1');
    breakIt();
    const files = [
      stage('image-bytes.sql', SQL),
      what.startsWith('a staged') ? stage('kafka.jar', 'x', '0'.repeat(64)) : stage('kafka.jar', 'a jar'),
    ];
    const { status, output } = await start(...files);
    expect(output).toMatch(says);
    expect(status).toBe(1);
    expect(output).not.toMatch(/it'+s secret|it%27s/);
    if (existsSync(inside('state', 'sessions')))
      expect(readFileSync(inside('state', 'sessions'), 'utf8')).not.toContain('application_1_2');
  });

  it('with `stop` only stops, and says so when nothing ran', async () => {
    const stop = () =>
      python(['stop', '--name=shop-dev-image-bytes', '--savepoints=gs://checkpoints/savepoints']);
    running('application_1_1', 'shop-dev-image-bytes/r-1');
    expect(await stop()).toEqual({
      status: 0,
      output: `launcher: job ${JOB} is stopped, its savepoint is gs://checkpoints/savepoints/r-1/savepoint-aaaaaa-1\n`,
    });
    expect(await stop()).toEqual({ status: 1, output: 'launcher: nothing of shop-dev-image-bytes runs\n' });
    expect(called('yarn-session.sh')).toEqual([]);
  });

  it('stops nothing before everything that it needs is there', async () => {
    running('application_1_1', 'shop-dev-image-bytes/r-1');
    const { status } = await start(stage('image-bytes.sql', `${SQL} \${UNKNOWN}`));
    expect(status).toBe(1);
    expect(called('flink stop')).toEqual([]);
  });
});

describe('the launcher’s credentials', () => {
  it('are those of the role, for the identity that Google gives the node', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        asked.push(`${String(request.headers['metadata-flavor'] ?? '-')} ${request.url} ${body}`);
        if (request.url!.startsWith('/identity')) return response.end('an.identity.token');
        const credentials = {
          AccessKeyId: 'A',
          SecretAccessKey: 'S',
          SessionToken: 'T',
          Expiration: 1_795_900_000,
        };
        const result = { AssumeRoleWithWebIdentityResult: { Credentials: credentials } };
        return response.end(JSON.stringify({ AssumeRoleWithWebIdentityResponse: result }));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { status, output } = await python(
      [
        'credentials',
        '--role-arn=arn:aws:iam::1:role/flink',
        '--audience=shop-dev-kafka',
        '--region=eu-central-1',
      ],
      { LAUNCHER_METADATA: `${address}/identity`, LAUNCHER_STS: `${address}/sts` },
    );
    server.close();
    expect([status, JSON.parse(output)]).toEqual([
      0,
      {
        Version: 1,
        AccessKeyId: 'A',
        SecretAccessKey: 'S',
        SessionToken: 'T',
        Expiration: '2026-11-28T21:06:40Z',
      },
    ]);
    expect(asked[0]).toBe('Google /identity?audience=shop-dev-kafka&format=full ');
    expect(asked[1]).toContain('- /sts Action=AssumeRoleWithWebIdentity');
    expect(asked[1]).toContain('RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fflink');
    expect(asked[1]).toContain('WebIdentityToken=an.identity.token');
  });
});
