// A Postgres that lets people in as RDS does: by TLS alone, members of `rds_iam` by a token in the clear (there PAM asks IAM, here it
// is the password that the role has at the time), everybody else by SCRAM. Membership, by whatever way, comes before the password
// (AWS, "Limitations for IAM database authentication"). Not known: how RDS exempts its owner, who may grant that role, from this rule
// until they make a role that is in it. Here a rule names the owner and the way in.
import pg from 'pg';
import { OwnServer } from './faults/own-server.ts';
import { runStatements, setHostRules, writing } from './postgres-owner.ts';
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

  /** As a program gets it: no password. */
  url(user = OWNER): string {
    return `postgres://${encodeURIComponent(user)}@${HOST}:${new URL(this.adminUrl).port}/${DATABASE}`;
  }

  /** By what a role comes in from now on: its token, or the password of the owner. */
  setToken(role: string, token: string): Promise<unknown> {
    return this.admin(`ALTER ROLE ${pg.escapeIdentifier(role)} PASSWORD ${pg.escapeLiteral(token)}`);
  }

  admitOwner(by: OwnerBy): Promise<void> {
    const way = by === 'token' ? 'password' : 'scram-sha-256';
    return setHostRules({ connectionString: this.adminUrl }, [
      'host all postgres 127.0.0.1/32 trust',
      'hostnossl all all all reject',
      `hostssl all ${OWNER} all ${way}`,
      `hostssl all +${IAM_ROLE} all password`,
      'hostssl all all all scram-sha-256',
    ]);
  }

  admin(...statements: readonly string[]): Promise<pg.QueryResult> {
    return runStatements({ connectionString: this.adminUrl }, ...statements);
  }

  stop(): Promise<void> {
    return this.#server.remove();
  }

  /** What RDS makes with an instance: an owner that is no superuser, a database, and the role of those who come by IAM. */
  private async prepare({ certificate, key }: SelfSigned): Promise<void> {
    const { rows } = await this.admin(`SELECT current_setting('data_directory') AS folder`);
    await this.admin(
      writing(`${rows[0].folder}/server.crt`, certificate),
      writing(`${rows[0].folder}/server.key`, key),
      'ALTER SYSTEM SET ssl = on',
      `CREATE ROLE ${IAM_ROLE} NOLOGIN`,
      `CREATE ROLE ${OWNER} LOGIN CREATEROLE CREATEDB`,
      `GRANT ${IAM_ROLE} TO ${OWNER} WITH ADMIN OPTION`,
      `ALTER DATABASE ${DATABASE} OWNER TO ${OWNER}`,
    );
    await this.admitOwner('password');
  }
}
