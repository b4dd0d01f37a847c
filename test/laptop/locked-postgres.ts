// A Postgres that asks everybody for a password, as the image of a laptop's cluster is set up; the specs' own lets everybody in.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { OwnServer } from '../faults/own-server.ts';

export class LockedPostgres {
  readonly port: number;
  readonly #server: OwnServer;
  readonly #owner: { readonly user: string; readonly password: string };

  private constructor(server: OwnServer, owner: { readonly user: string; readonly password: string }) {
    this.#server = server;
    this.#owner = owner;
    this.port = Number(new URL(server.env.DATABASE_URL!).port);
  }

  /** Its first owner gets this password. */
  static async start(user: string, password: string): Promise<LockedPostgres> {
    const postgres = new LockedPostgres(await OwnServer.start('DATABASE_URL'), { user, password });
    await postgres.admin(
      'postgres',
      `ALTER ROLE ${pg.escapeIdentifier(user)} PASSWORD ${pg.escapeLiteral(password)}`,
      // As the image's own script begins with it: the databases are to be made.
      'DROP DATABASE shop',
      `COPY (SELECT 'host all all 127.0.0.1/32 scram-sha-256') TO PROGRAM 'cat > "$PGDATA_HBA"'`.replace(
        '$PGDATA_HBA',
        await postgres.hbaFile(),
      ),
      'SELECT pg_reload_conf()',
    );
    await postgres.untilLocked();
    return postgres;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** As its owner. */
  async admin(database: string, ...statements: readonly string[]): Promise<pg.QueryResult> {
    const client = new pg.Client({ host: '127.0.0.1', port: this.port, database, ...this.#owner });
    await client.connect();
    try {
      let last: pg.QueryResult | undefined;
      for (const statement of statements) last = await client.query(statement);
      return last!;
    } finally {
      await client.end();
    }
  }

  stop(): Promise<void> {
    return this.#server.remove();
  }

  private async hbaFile(): Promise<string> {
    const { rows } = await this.admin('postgres', `SELECT current_setting('hba_file') AS path`);
    return rows[0].path as string;
  }

  private async untilLocked(): Promise<void> {
    const { user } = this.#owner;
    for (;;) {
      const client = new pg.Client({
        host: '127.0.0.1',
        port: this.port,
        user,
        database: 'postgres',
        password: 'wrong',
      });
      const isIn = await client.connect().then(
        () => true,
        () => false,
      );
      await client.end();
      if (!isIn) return;
      await sleep(20);
    }
  }
}
