// The function against a real Postgres that lets people in as RDS does: what a service may do afterwards, and what it may not.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { schemaOf } from '#contracts/process.ts';
import { SERVICE_DATABASES, type ServiceDatabase, serviceDatabase } from '#contracts/service-databases.ts';
import { SERVICES } from '#contracts/shop-processes.ts';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { tableOf } from '#runtime/postgres/schema-names.ts';
import { RdsLike } from '../../test/rds-like.ts';
import { zipPathOf } from '../build-function.ts';
import { removeFolder, startLambda, unpackArtifact } from '../image-renditions/test-lambda.ts';
import { createHandler } from './handler.ts';
import { passwordInSecretsManager } from './owner.ts';

jest.setTimeout(60_000);

const REGION = 'eu-central-1';
const log = createLogger('spec', 'silent');
const FOLDER = join(import.meta.dirname, '../..');
let rds: RdsLike;
beforeAll(async () => {
  rds = await RdsLike.start();
  await rds.setToken('shop_owner', 'owner-password');
});
afterAll(() => rds.stop());

const env = () => ({
  LOG_LEVEL: 'silent',
  DATABASE_URL: rds.url(),
  DATABASE_AWS_REGION: REGION,
  OWNER_SECRET_ARN: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:rds!db-x',
});
/** The owner's two keys; whichever Postgres takes is the right one. */
const call = (
  wanted?: readonly ServiceDatabase[],
  keys = { token: 'no-token', password: 'owner-password' },
) =>
  createHandler(env(), wanted, {
    rds: { region: REGION, token: () => Promise.resolve(keys.token), authorities: [rds.authority] },
    password: () => Promise.resolve(keys.password),
  })();

/** A service's own pool, as it signs in where it is deployed. */
async function openAs({ role, schema }: ServiceDatabase): Promise<Pool> {
  await rds.setToken(role, 'token');
  return createPool({
    connectionString: rds.url(role),
    rds: { region: REGION, token: () => Promise.resolve('token'), authorities: [rds.authority] },
    applicationName: 'spec',
    schema,
    log,
    connectionsMax: 2,
  });
}
const places = SERVICES.map((service) => [service.name, serviceDatabase(service)] as const);

describe('each service', () => {
  const pools = new Map<string, Pool>();
  beforeAll(async () => {
    const { roles, done } = await call();
    expect(roles).toEqual(SERVICE_DATABASES.map(({ role }) => role));
    expect(done.slice(0, 2)).toEqual(['close-database', 'close-public']);
    for (const [name, place] of places) pools.set(name, await openAs(place));
  });
  afterAll(() => Promise.all([...pools.values()].map((pool) => pool.end())));

  it.each(places)(
    'can migrate, write and get notified of its events in its own schema: %s',
    async (name, place) => {
      const pool = pools.get(name)!;
      await migrateService(pool, place.schema, join(FOLDER, 'services', name, 'migrations'), log);
      // A restart.
      await migrateService(pool, place.schema, join(FOLDER, 'services', name, 'migrations'), log);
      const listener = await pool.connect();
      const heard = new Promise((resolve) => listener.once('notification', resolve));
      await listener.query(`LISTEN "outbox_${place.schema}"`);
      await pool.query(`INSERT INTO outbox (topic, key, value, headers) VALUES ('t', 'k', '{}', '{}')`);
      expect(await heard).toMatchObject({ channel: `outbox_${place.schema}` });
      listener.release(true);
      const { rows } = await pool.query('SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = $1', [
        place.schema,
      ]);
      expect(rows).toEqual([{ tableowner: place.role }]);
    },
  );

  it.each(places)('reads, writes and makes nothing outside of it: %s', async (name) => {
    const pool = pools.get(name)!;
    const foreign = SERVICES.filter((service) => service.name !== name).map((service) => schemaOf(service));
    const attempts = [
      ...foreign.flatMap((schema) => [
        `SELECT FROM ${tableOf(schema, 'outbox')}`,
        `DELETE FROM ${tableOf(schema, 'inbox')}`,
        `CREATE TABLE ${tableOf(schema, 'mine')} ()`,
        `DROP SCHEMA "${schema}" CASCADE`,
      ]),
      'CREATE TABLE public.mine ()',
      'CREATE TEMPORARY TABLE mine ()',
      'CREATE SCHEMA mine',
      'CREATE ROLE mine',
      'SET ROLE shop_owner',
    ];
    const codes = await Promise.all(attempts.map((sql) => pool.query(sql).then(String, codeOf)));
    // insufficient_privilege, everywhere.
    expect(new Set(codes)).toEqual(new Set(['42501']));
  });

  it('is left as it is when the function is called again', async () => {
    expect((await call()).done).toEqual([]);
  });

  it('is left as it is by two deployments at once', async () => {
    await rds.admin('DROP ROLE IF EXISTS twice_service');
    const twice = [{ role: 'twice_service', schema: 'twice' }];
    const reports = await Promise.all([call(twice), call(twice)]);
    expect(reports.map(({ done }) => done.length).toSorted((one, other) => one - other)).toEqual([0, 4]);
  });
});

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

describe('the owner', () => {
  it('signs in by password as long as Postgres accepts it, and later by a token', async () => {
    await rds.admitOwner('password');
    expect((await call(undefined, { token: 'no', password: 'owner-password' })).done).toEqual([]);
    await rds.admitOwner('token');
    await rds.setToken('shop_owner', 'token-of-the-owner');
    try {
      const asked: string[] = [];
      await createHandler(env(), undefined, {
        rds: {
          region: REGION,
          token: () => Promise.resolve('token-of-the-owner'),
          authorities: [rds.authority],
        },
        password: () => Promise.resolve(asked.push('password')).then(String),
      })();
      expect(asked).toEqual([]);
    } finally {
      await rds.setToken('shop_owner', 'owner-password');
      await rds.admitOwner('password');
    }
  });

  it('with neither cannot sign in, and the call says so', async () => {
    await expect(call(undefined, { token: 'no', password: 'neither' })).rejects.toMatchObject({
      code: 'owner-shut-out',
    });
  });
});

describe('the password of the owner', () => {
  const asked: unknown[] = [];
  let secret = '';
  const manager = createServer(async (request, response) => {
    asked.push([request.headers['x-amz-target'], await json(request)]);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ SecretString: secret }));
  });
  const before = { ...process.env };
  beforeAll(async () => {
    await new Promise<void>((resolve) => void manager.listen(0, '127.0.0.1', resolve));
    const { port } = manager.address() as AddressInfo;
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'example',
      AWS_SECRET_ACCESS_KEY: 'example',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}`,
    });
  });
  afterAll(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    return new Promise((resolve) => void manager.close(resolve));
  });
  const read = () => passwordInSecretsManager(REGION, 'arn:rds')();

  it('is read where RDS keeps it, again each time', async () => {
    secret = JSON.stringify({ username: 'shop_owner', password: 'one' });
    expect(await read()).toBe('one');
    secret = JSON.stringify({ username: 'shop_owner', password: 'two' });
    expect(await read()).toBe('two');
    expect(asked).toContainEqual(['secretsmanager.GetSecretValue', { SecretId: 'arn:rds' }]);
  });

  it('is not invented when the secret has none', async () => {
    secret = '{"username":"shop_owner"}';
    await expect(read()).rejects.toMatchObject({ code: 'secret-odd' });
  });
});

describe('negative control: a right too much fails the call', () => {
  it.each([
    [
      'to another schema and a table of it',
      'GRANT USAGE ON SCHEMA "order" TO cart_service; GRANT SELECT ON "order".outbox TO cart_service',
      'REVOKE ALL ON "order".outbox FROM cart_service; REVOKE ALL ON SCHEMA "order" FROM cart_service',
      ['cart_service may use USAGE in the schema order', 'cart_service has rights on order.outbox'],
    ],
    [
      'to one column, while the schema is closed',
      'GRANT SELECT (topic) ON "order".outbox TO cart_service',
      'REVOKE ALL (topic) ON "order".outbox FROM cart_service',
      ['cart_service has rights on order.outbox'],
    ],
    [
      'to everybody',
      'GRANT USAGE ON SCHEMA payment TO PUBLIC',
      'REVOKE ALL ON SCHEMA payment FROM PUBLIC',
      ['user_service may use USAGE in the schema payment'],
    ],
    [
      'by being a member',
      'GRANT payment_service TO cart_service',
      'REVOKE payment_service FROM cart_service',
      ['cart_service is a member of payment_service'],
    ],
    [
      'to make schemas',
      'GRANT CREATE ON DATABASE shop TO cart_service',
      'REVOKE CREATE ON DATABASE shop FROM cart_service',
      ['cart_service may use CREATE in the database'],
    ],
    [
      'to make roles',
      'ALTER ROLE cart_service CREATEROLE',
      'ALTER ROLE cart_service NOCREATEROLE',
      ['cart_service is allowed to make roles'],
    ],
  ])('%s', async (_which, give, takeBack, faults) => {
    await rds.admin(give);
    const error = await call().catch((thrown: unknown) => thrown);
    await rds.admin(takeBack);
    expect(error).toMatchObject({ code: 'rights-too-many' });
    for (const fault of faults) expect((error as Error).message).toContain(fault);
    expect((await call()).done).toEqual([]);
  });

  it('and takes back what the same call had made', async () => {
    await rds.admin('GRANT CREATE ON DATABASE shop TO cart_service');
    await expect(call([...SERVICE_DATABASES, { role: 'late_service', schema: 'late' }])).rejects.toThrow();
    await rds.admin('REVOKE CREATE ON DATABASE shop FROM cart_service');
    const { rows } = await rds.admin(`SELECT FROM pg_roles WHERE rolname = 'late_service'`);
    expect(rows).toEqual([]);
  });
});

it('takes no schema from its owner, and then makes nothing at all', async () => {
  await rds.admin('CREATE SCHEMA taken');
  const wanted = [
    { role: 'first_service', schema: 'first' },
    { role: 'taken_service', schema: 'taken' },
  ];
  await expect(call(wanted)).rejects.toThrow('schema taken belongs to postgres and not to taken_service');
  const { rows } = await rds.admin(`SELECT FROM pg_roles WHERE rolname LIKE 'first%'`);
  expect(rows).toEqual([]);
});

it('takes names as names, whatever characters they have', async () => {
  const hostile = {
    role: `a"; DROP SCHEMA "order" CASCADE; --`,
    schema: `b".c'; DROP ROLE cart_service; --`,
  };
  await call([hostile]);
  const { rows } = await rds.admin(
    `SELECT nspname AS schema, pg_get_userbyid(nspowner) AS role FROM pg_namespace WHERE nspname LIKE 'b"%'`,
  );
  expect(rows).toEqual([hostile]);
  expect((await call([hostile])).done).toEqual([]);
  expect((await call()).done).toEqual([]);
});

it('runs from the zip that is deployed, and connects to no server with a certificate of another authority', async () => {
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'build.ts')]);
  const folder = await unpackArtifact(zipPathOf('database-roles'));
  try {
    const lambda = await startLambda(folder, {
      ...env(),
      AWS_ACCESS_KEY_ID: 'example',
      AWS_SECRET_ACCESS_KEY: 'example',
    });
    const { error } = await lambda.invoke({});
    await lambda.stop();
    expect(error).toMatch(/self-signed certificate/);
  } finally {
    await removeFolder(folder);
  }
});

it('lists every faulty variable at cold start', () => {
  expect(() => createHandler({ DATABASE_URL: 'mysql://x' })).toThrow(
    /DATABASE_URL[\s\S]*DATABASE_AWS_REGION[\s\S]*OWNER_SECRET_ARN/,
  );
});
