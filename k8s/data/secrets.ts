// The secrets of a laptop's cluster: made inside of it by a task, where they are missing, and never in Git.
import type { App } from 'cdk8s';
import type { IRole, IRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1';
import type { IConfigMap } from 'kubernetes-models/v1';
import type { WantedSecret, WantedValue } from '#contracts/cluster-secrets.ts';
import { SECRETS, settingsOf } from '#contracts/deployed-settings.ts';
import type { Process } from '#contracts/process.ts';
import { analyticsWorker } from '#contracts/processes.ts';
import { serviceDatabase } from '#contracts/service-databases.ts';
import { SERVICES } from '#contracts/shop-processes.ts';
import { imageOf } from '../images.ts';
import { NAMESPACES } from '../namespaces.ts';
import type { LocalOverlay } from '../overlays.ts';
import { addObject, Part } from '../part.ts';
import { POSTGRES_ADDRESS } from './addresses.ts';
import { ANALYTICS_DATABASE, ANALYTICS_PLACE, ROLES, SHOP_DATABASE } from './databases.ts';
import { configFiles, type Program, SMALL, scratch } from './pod.ts';
import { Task } from './workloads.ts';

/** Where Postgres and the task that makes its roles read them, by role. */
export const PASSWORDS = 'postgres-passwords';
/** Of a process, in its own namespace; its keys are names of settings. */
export const secretOf = ({ name }: Process): string => `${name}-secrets`;

const PASSWORD: WantedValue = { randomBytes: 24, encoding: 'base64url' };
/** As `npm run secrets` makes those of AWS. */
const GENERATED: WantedValue = { randomBytes: 32, encoding: 'base64' };

/** In the order in which they are made: addresses name passwords. */
export const WANTED_SECRETS: readonly WantedSecret[] = [
  {
    namespace: NAMESPACES.data,
    name: PASSWORDS,
    values: Object.fromEntries(ROLES.map((role) => [role, PASSWORD])),
  },
  ...SERVICES.map((service) => ({
    namespace: NAMESPACES.shop,
    name: secretOf(service),
    values: {
      ...(service.stores.includes('postgres')
        ? { DATABASE_URL: addressOf(serviceDatabase(service).role, SHOP_DATABASE) }
        : {}),
      ...generatedOf(service),
    },
  })),
  {
    namespace: NAMESPACES.analytics,
    name: secretOf(analyticsWorker),
    values: { DATABASE_URL: addressOf(ANALYTICS_PLACE.role, ANALYTICS_DATABASE) },
  },
  {
    namespace: NAMESPACES.observability,
    name: 'grafana-secrets',
    // Of its user `admin` (Grafana, "Configure Grafana", looked up on 2026-11-28).
    values: { GF_SECURITY_ADMIN_PASSWORD: PASSWORD },
  },
];

function addressOf(role: string, database: string): WantedValue {
  const password = `{${NAMESPACES.data}/${PASSWORDS}/${role}}`;
  return { text: `postgres://${role}:${password}@${POSTGRES_ADDRESS}/${database}` };
}

/** Secrets from a random source. A laptop does without those that a person provides, Stripe's keys. */
function generatedOf(service: Process): Record<string, WantedValue> {
  return Object.fromEntries(
    Object.entries(settingsOf(service)).flatMap(([setting, source]) => {
      if (source.from !== 'secret') return [];
      const made = new Map(Object.entries(SECRETS)).get(source.secret);
      return made && Object.hasOwn(made, setting) && made[setting] === 'generated'
        ? [[setting, GENERATED]]
        : [];
    }),
  );
}

const WANTED_FILE = 'wanted.json';
const WANTED_FOLDER = '/etc/shop-secrets';
const TOKEN_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

export function secretsPart(app: App, overlay: LocalOverlay): Part {
  const part = new Part(app, 'secrets', { overlay, project: 'data', wave: 'secrets', namespace: 'data' });
  const wanted = JSON.stringify(WANTED_SECRETS, undefined, 2);
  addObject(part, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'secrets-wanted' },
    data: { [WANTED_FILE]: `${wanted}\n` },
  } satisfies IConfigMap);
  for (const namespace of new Set(WANTED_SECRETS.map((one) => one.namespace))) addRights(part, namespace);
  new Task(part, 'task', { program: { ...programOf(overlay), input: wanted } });
  return part;
}

/** To read those secrets and no others; the right to create cannot be bound to names. */
function addRights(part: Part, namespace: string): void {
  const names = WANTED_SECRETS.filter((one) => one.namespace === namespace).map(({ name }) => name);
  const metadata = { name: `secrets-in-${namespace}`, namespace };
  addObject(part, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata,
    rules: [
      { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
      { apiGroups: [''], resources: ['secrets'], resourceNames: names, verbs: ['get'] },
    ],
  } satisfies IRole);
  addObject(part, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name: 'secrets', namespace: NAMESPACES.data }],
  } satisfies IRoleBinding);
}

const programOf = (overlay: LocalOverlay): Program => ({
  pods: { namespace: 'data', name: 'secrets' },
  image: imageOf(overlay, 'secrets'),
  env: {
    WANTED_FILE: `${WANTED_FOLDER}/${WANTED_FILE}`,
    KUBERNETES_URL: 'https://kubernetes.default.svc',
    TOKEN_FILE: `${TOKEN_FOLDER}/token`,
    // Node trusts the cluster's own authority by this.
    NODE_EXTRA_CA_CERTS: `${TOKEN_FOLDER}/ca.crt`,
  },
  mounts: [configFiles(WANTED_FOLDER, 'secrets-wanted'), scratch('/tmp', '16Mi')],
  hasToken: true,
  size: SMALL,
});
