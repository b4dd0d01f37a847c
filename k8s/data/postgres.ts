// One Postgres, with a database for the shop and one for analytics, and the task that gives each process its role and schema there.
import type { App } from 'cdk8s';
import { imageOf } from '../images.ts';
import type { LocalOverlay } from '../overlays.ts';
import { Part } from '../part.ts';
import { POSTGRES_ADDRESS, POSTGRES_PORT } from './addresses.ts';
import { FIRST_DATABASE, OWNER, PLACES, ROLES } from './databases.ts';
import { type Program, probesBy, SMALL, scratch, secretFiles } from './pod.ts';
import { PASSWORDS } from './secrets.ts';
import { StandIn, Task } from './workloads.ts';

const FOLDER = '/var/lib/postgresql/data';
const PASSWORDS_FOLDER = '/var/run/secrets/postgres';

export function postgresPart(app: App, overlay: LocalOverlay): Part {
  const part = new Part(app, 'postgres', { overlay, project: 'data', wave: 'data', namespace: 'data' });
  new StandIn(part, 'server', { program: serverOf(overlay), volume: { path: FOLDER, size: '4Gi' } });
  new Task(part, 'databases', { program: databasesOf(overlay) });
  return part;
}

const serverOf = (overlay: LocalOverlay): Program => ({
  pods: { namespace: 'data', name: 'postgres' },
  image: imageOf(overlay, 'postgres'),
  args: ['-c', 'max_connections=200', '-c', 'timezone=UTC', '-c', 'log_timezone=UTC'],
  env: {
    // A folder inside the volume, because a new volume may contain `lost+found`.
    PGDATA: `${FOLDER}/cluster`,
    POSTGRES_USER: OWNER,
    POSTGRES_DB: FIRST_DATABASE,
    POSTGRES_PASSWORD_FILE: `${PASSWORDS_FOLDER}/${OWNER}`,
    POSTGRES_INITDB_ARGS: '--encoding=UTF8 --locale=C --auth-host=scram-sha-256',
  },
  ports: { postgres: POSTGRES_PORT },
  // By its address: while the image makes the cluster, a server answers on the socket alone.
  probes: probesBy({
    exec: { command: ['pg_isready', '-h', '127.0.0.1', '-U', OWNER, '-d', FIRST_DATABASE] },
  }),
  mounts: [
    secretFiles(PASSWORDS_FOLDER, PASSWORDS, [OWNER]),
    scratch('/var/run/postgresql', '8Mi'),
    scratch('/tmp', '64Mi'),
  ],
  graceSeconds: 60,
  size: { cpuRequest: '200m', memoryRequest: '256Mi', memoryLimit: '768Mi', ephemeralStorage: '192Mi' },
});

const databasesOf = (overlay: LocalOverlay): Program => ({
  pods: { namespace: 'data', name: 'databases' },
  image: imageOf(overlay, 'databases'),
  env: {
    DATABASE_URL: `postgres://${OWNER}@${POSTGRES_ADDRESS}/${FIRST_DATABASE}`,
    DATABASES: JSON.stringify(PLACES),
    PASSWORDS_FOLDER,
  },
  mounts: [secretFiles(PASSWORDS_FOLDER, PASSWORDS, ROLES)],
  size: SMALL,
});
