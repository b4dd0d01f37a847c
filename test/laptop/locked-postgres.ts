// A Postgres that asks everybody for a password, as the image of a laptop's cluster is set up; the specs' own lets everybody in.
import pg from 'pg';
import { OwnServer } from '../faults/own-server.ts';
import { runStatements, setHostRules } from '../postgres-owner.ts';

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
      // As the image's own script leaves it: the databases do not exist yet.
      'DROP DATABASE shop',
    );
    await setHostRules(postgres.ownerOf('postgres'), ['host all all 127.0.0.1/32 scram-sha-256']);
    return postgres;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** As its owner. */
  admin(database: string, ...statements: readonly string[]): Promise<pg.QueryResult> {
    return runStatements(this.ownerOf(database), ...statements);
  }

  stop(): Promise<void> {
    return this.#server.remove();
  }

  private ownerOf(database: string): pg.ClientConfig {
    return { host: '127.0.0.1', port: this.port, database, ...this.#owner };
  }
}
