// The places in a laptop's Postgres, made by the program that its cluster runs: what each role may do afterwards, and what not.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { analyticsWorker } from '#contracts/processes.ts';
import { serviceDatabase } from '#contracts/service-databases.ts';
import { productService, SERVICES } from '#contracts/shop-processes.ts';
import { createLogger } from '#runtime/log.ts';
import { createPool } from '#runtime/postgres/database.ts';
import { migrate, migrateService } from '#runtime/postgres/migrate.ts';
import { POSTGRES_ADDRESS } from '../../k8s/data/addresses.ts';
import {
  ANALYTICS_DATABASE,
  ANALYTICS_PLACE,
  FIRST_DATABASE,
  OWNER,
  ROLES,
  SHOP_DATABASE,
} from '../../k8s/data/databases.ts';
import { sampleProducts } from '../../services/product/samples.ts';
import { LockedPostgres } from './locked-postgres.ts';
import { environmentOf, run, stopBuilding } from './programs.ts';

const ROOT = join(import.meta.dirname, '../..');
const log = createLogger('spec', 'silent');
const passwordOf = (role: string): string => `of ${role}: "quoted" 'twice'`;
/** SQLSTATE: insufficient_privilege. */
const REFUSED = '42501';
let postgres: LockedPostgres;
let folder: string;
beforeAll(async () => {
  postgres = await LockedPostgres.start(OWNER, passwordOf(OWNER));
  folder = await mkdtemp(join(tmpdir(), 'passwords-'));
  for (const role of ROLES) await writeFile(join(folder, role), passwordOf(role));
});
afterAll(async () => {
  await stopBuilding();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

const makePlaces = (passwords = folder) =>
  run(
    'databases',
    environmentOf('databases', {
      texts: { [POSTGRES_ADDRESS]: postgres.address },
      variables: { PASSWORDS_FOLDER: passwords },
    }),
  );

const as = (role: string, database: string, password = passwordOf(role)) =>
  new pg.Client({ host: '127.0.0.1', port: postgres.port, user: role, database, password });

async function codeOf(client: pg.Client, sql: string): Promise<string> {
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(sql);
    return 'done';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  } finally {
    await client.end();
  }
}

describe('the places', () => {
  it('are made once, and the second time only the passwords are set', async () => {
    const first = await makePlaces();
    expect([first.end, first.output]).toEqual([0, expect.stringContaining('make-schema')]);
    const second = await makePlaces();
    expect([second.end, second.output]).toEqual([0, expect.stringContaining('"done":[]')]);
    for (const role of ROLES) expect(first.output + second.output).not.toContain(`of ${role}`);
  });

  it.each(SERVICES.map((service) => [service.name, serviceDatabase(service)] as const))(
    'let %s in by its password alone, to migrate its own schema',
    async (name, { role, schema }) => {
      expect(await codeOf(as(role, SHOP_DATABASE, 'guessed'), 'SELECT 1')).toBe('28P01');
      const pool = poolOf(role, SHOP_DATABASE, schema);
      await migrateService(pool, schema, join(ROOT, 'services', name, 'migrations'), log);
      await pool.end();
    },
  );

  it('take the products that the shop begins with, and take them once', async () => {
    const { role } = serviceDatabase(productService);
    const settings = join(folder, 'settings');
    await mkdir(settings);
    await writeFile(join(settings, 'DATABASE_URL'), urlOf(role, SHOP_DATABASE));
    const env = environmentOf('sample-products', { variables: { SETTINGS_FOLDER: settings } });
    for (const time of ['first', 'second'])
      expect([time, (await run('sample-products', env)).end]).toEqual([time, 0]);
    const { rows } = await postgres.admin(
      SHOP_DATABASE,
      'SELECT count(*)::int AS count FROM product.product',
    );
    expect(rows[0].count).toBe(sampleProducts.length);
  });

  it('let the worker in, to migrate its own', async () => {
    const { role, schema } = ANALYTICS_PLACE;
    const pool = poolOf(role, ANALYTICS_DATABASE, schema);
    await migrate(pool, schema, join(ROOT, analyticsWorker.name, 'migrations'), log);
    await pool.end();
  });

  it('keep each service out of what the others have', async () => {
    const tables = SERVICES.map((service) => serviceDatabase(service));
    for (const { role, schema } of tables)
      for (const other of tables)
        expect([
          role,
          other.schema,
          await codeOf(as(role, SHOP_DATABASE), `SELECT FROM "${other.schema}".outbox`),
        ]).toEqual([role, other.schema, other.schema === schema ? 'done' : REFUSED]);
  });

  it('keep services and worker out of the databases that are not theirs', async () => {
    const [service] = SERVICES;
    const { role } = serviceDatabase(service!);
    expect(await codeOf(as(role, ANALYTICS_DATABASE), 'SELECT 1')).toBe(REFUSED);
    expect(await codeOf(as(ANALYTICS_PLACE.role, SHOP_DATABASE), 'SELECT 1')).toBe(REFUSED);
    expect(await codeOf(as(role, FIRST_DATABASE), 'SELECT 1')).toBe(REFUSED);
  });

  it('follow a password that was changed', async () => {
    const anew = join(folder, 'anew');
    await mkdir(anew);
    const { role } = serviceDatabase(SERVICES[0]!);
    for (const one of ROLES) await writeFile(join(anew, one), passwordOf(one));
    await writeFile(join(anew, role), 'another');
    expect((await makePlaces(anew)).end).toBe(0);
    expect(await codeOf(as(role, SHOP_DATABASE), 'SELECT 1')).toBe('28P01');
    expect(await codeOf(as(role, SHOP_DATABASE, 'another'), 'SELECT 1')).toBe('done');
  });
});

const urlOf = (role: string, database: string): string =>
  `postgres://${role}:${encodeURIComponent(passwordOf(role))}@${postgres.address}/${database}`;

const poolOf = (role: string, database: string, schema: string) =>
  createPool({
    connectionString: urlOf(role, database),
    applicationName: 'spec',
    schema,
    log,
  });

describe('negative control', () => {
  it('a right too much fails the program, which then changes nothing', async () => {
    const [one, other] = SERVICES.map((service) => serviceDatabase(service));
    await postgres.admin(SHOP_DATABASE, `GRANT USAGE ON SCHEMA "${other!.schema}" TO ${one!.role}`);
    const { end, output } = await makePlaces();
    await postgres.admin(SHOP_DATABASE, `REVOKE USAGE ON SCHEMA "${other!.schema}" FROM ${one!.role}`);
    expect([end, output]).toEqual([
      1,
      expect.stringContaining(`${one!.role} may use USAGE in the schema ${other!.schema}`),
    ]);
    // Its passwords were to be set again, and were not.
    expect(await codeOf(as(one!.role, SHOP_DATABASE, 'another'), 'SELECT 1')).toBe('done');
  });

  it('no user is made without a password', async () => {
    const { end, output } = await makePlaces(join(folder, 'nowhere'));
    expect([end, output]).toEqual([1, expect.stringContaining('ENOENT')]);
  });
});
