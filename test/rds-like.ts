// A Postgres that lets people in as RDS does: by TLS alone, members of `rds_iam` by a token in the clear (there PAM asks IAM, here it
// is the password that the role has at the time), everybody else by SCRAM. Membership, by whatever way, comes before the password
// (AWS, "Limitations for IAM database authentication"). Not known: how RDS keeps its owner, who may grant that role, out of this rule
// until he makes a role that is in it. Here he is told by name which way he comes.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { OwnServer } from './faults/own-server.ts';
import { type SelfSigned, selfSigned } from './self-signed.ts';

const HOST = 'localhost';
const IAM_ROLE = 'rds_iam';
const OWNER = 'shop_owner';
const DATABASE = 'shop';

/** How the owner is let in. */
type OwnerBy = 'password' | 'token';

export class RdsLike {
  readonly authority: string;
  /** Of the superuser that only the cloud itself has. */
  readonly adminUrl: string;
  readonly #server: OwnServer;

  private constructor(server: OwnServer, authority: string) {
    this.#server = server;
    this.authority = authority;
    this.adminUrl = server.env.DATABASE_URL!;
  }

  static async start(): Promise<RdsLike> {
    const server = await OwnServer.start('DATABASE_URL');
    const made = selfSigned(HOST);
    const rds = new RdsLike(server, made.certificate);
    await rds.prepare(made);
    return rds;
  }

  /** As a program is told: no password. */
  url(user = OWNER): string {
    return `postgres://${encodeURIComponent(user)}@${HOST}:${new URL(this.adminUrl).port}/${DATABASE}`;
  }

  /** What a role is let in by from now on: its token, or the password of the owner. */
  setToken(role: string, token: string): Promise<unknown> {
    return this.admin(`ALTER ROLE ${pg.escapeIdentifier(role)} PASSWORD ${pg.escapeLiteral(token)}`);
  }

  async admitOwner(by: OwnerBy): Promise<void> {
    const { rows } = await this.admin(`SELECT current_setting('hba_file') AS path`);
    const way = by === 'token' ? 'password' : 'scram-sha-256';
    const rules = [
      'host all postgres 127.0.0.1/32 trust',
      'hostnossl all all all reject',
      `hostssl all ${OWNER} all ${way}`,
      `hostssl all +${IAM_ROLE} all password`,
      'hostssl all all all scram-sha-256',
    ];
    await this.admin(written(rows[0].path, rules.join('\n')));
    await this.reload();
  }

  async admin(...statements: readonly string[]): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: this.adminUrl });
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

  /** What RDS makes with an instance: an owner that is no superuser, his database, and the role of those who come by IAM. */
  private async prepare({ certificate, key }: SelfSigned): Promise<void> {
    const { rows } = await this.admin(`SELECT current_setting('data_directory') AS folder`);
    await this.admin(
      written(`${rows[0].folder}/server.crt`, certificate),
      written(`${rows[0].folder}/server.key`, key),
      'ALTER SYSTEM SET ssl = on',
      `CREATE ROLE ${IAM_ROLE} NOLOGIN`,
      `CREATE ROLE ${OWNER} LOGIN CREATEROLE CREATEDB`,
      `GRANT ${IAM_ROLE} TO ${OWNER} WITH ADMIN OPTION`,
      `ALTER DATABASE ${DATABASE} OWNER TO ${OWNER}`,
    );
    await this.admitOwner('password');
  }

  private async reload(): Promise<void> {
    const loadedAt = async () => (await this.admin('SELECT pg_conf_load_time() AS at')).rows[0].at as Date;
    const before = await loadedAt();
    await this.admin('SELECT pg_reload_conf()');
    while ((await loadedAt()) <= before) await sleep(20);
  }
}

/**
 * The server writes the file itself: it then belongs to the user that the server runs as. Not by `TO 'file'`, which everybody may read:
 * Postgres refuses such a key.
 */
const written = (path: string, text: string): string =>
  `COPY (SELECT unnest(string_to_array(${pg.escapeLiteral(text.trim())}, E'\\n')))
   TO PROGRAM ${pg.escapeLiteral(`umask 077; cat > '${path}'`)}`;
