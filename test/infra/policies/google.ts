// Machines, network and rights on Google Cloud: private, recorded, and no program may do what only a person should.
import { GOOGLE_TOKEN_AUDIENCE } from '#contracts/deployed-settings.ts';
import { platformConsole, SERVICES_NAMESPACE } from '#contracts/processes.ts';
import { deployAccountMember } from '../../../stacks/constructs/deploy-account.ts';
import type { Block } from '../blocks.ts';
import { listAt, putAt, removeAt, valueAt } from '../body.ts';
import type { Model } from '../model.ts';
import { isOwnKey } from './google-stores.ts';
import { attributeRule, first, isOwn, type Rule } from './rule.ts';

const DATAPROC = 'google_dataproc_cluster';
const SUBNET = 'google_compute_subnetwork';
const FIREWALL = 'google_compute_firewall';
const PROJECT_GRANTS = ['google_project_iam_member', 'google_project_iam_binding'];

const BASIC_ROLES = ['roles/owner', 'roles/editor', 'roles/viewer'];
/** A holder of one for a project can become each of its service accounts. */
const IMPERSONATION_ROLES = [
  'roles/owner',
  'roles/editor',
  'roles/iam.securityAdmin',
  'roles/iam.serviceAccountAdmin',
  'roles/iam.serviceAccountKeyAdmin',
  'roles/iam.serviceAccountTokenCreator',
  'roles/iam.serviceAccountUser',
  'roles/iam.workloadIdentityUser',
  'roles/dataproc.admin',
  'roles/dataproc.editor',
  'roles/resourcemanager.projectIamAdmin',
];

const roleRule = (
  id: string,
  title: string,
  refused: readonly string[],
  bad: string,
  alsoBreaks: readonly string[] = [],
): Rule => ({
  id,
  title,
  types: PROJECT_GRANTS,
  check: ({ body }) => (refused.includes(String(body.role)) ? `it gives ${String(body.role)}` : undefined),
  breaks: (model) => {
    model.all(...PROJECT_GRANTS)[0]!.body.role = bad;
  },
  alsoBreaks,
});

const dataproc: readonly Rule[] = [
  attributeRule({
    id: 'CKV_GCP_103',
    title: 'has no public addresses',
    type: DATAPROC,
    path: 'cluster_config.gce_cluster_config.internal_ip_only',
    wanted: true,
    bad: false,
  }),
  attributeRule({
    id: 'CKV_GCP_91',
    title: 'is encrypted by a key of ours',
    type: DATAPROC,
    path: 'cluster_config.encryption_config.kms_key_name',
    wanted: isOwnKey('cluster_config.encryption_config.kms_key_name'),
    bad: null,
  }),
  attributeRule({
    id: 'SHOP_DATAPROC_1',
    title: 'has a service account of its own, not the project’s default',
    type: DATAPROC,
    path: 'cluster_config.gce_cluster_config.service_account',
    wanted: isOwn('cluster_config.gce_cluster_config.service_account', 'google_service_account'),
    bad: null,
  }),
];

const network: readonly Rule[] = [
  attributeRule({
    id: 'CKV_GCP_74',
    title: 'reaches Google’s services without the internet',
    type: SUBNET,
    path: 'private_ip_google_access',
    wanted: true,
    bad: false,
  }),
  {
    id: 'CKV_GCP_26',
    title: 'records what flows',
    types: [SUBNET],
    check: ({ body }) => (valueAt(body, 'log_config') ? undefined : 'it has no flow logs'),
    breaks: (model) => {
      delete first(model, SUBNET).body.log_config;
    },
  },
  {
    id: 'SHOP_FIREWALL_1',
    title: 'admits nobody without a name',
    types: [FIREWALL],
    judges: ({ body }) => body.allow !== undefined && body.direction !== 'EGRESS',
    check({ body }) {
      const ranges = listAt(body, 'source_ranges');
      const peers = ['source_service_accounts', 'source_tags'].flatMap((path) => listAt(body, path));
      if (ranges.includes('0.0.0.0/0')) return 'it admits everybody';
      return ranges.length + peers.length > 0 ? undefined : 'it names no peer, which is everybody';
    },
    breaks: (model) => {
      const { body } = model.all(FIREWALL).find((one) => one.body.allow)!;
      delete body.source_service_accounts;
      body.source_ranges = ['0.0.0.0/0'];
    },
  },
];

const ALERT = 'google_monitoring_alert_policy';
const alarms: readonly Rule[] = [
  {
    id: 'SHOP_ALARM_2',
    title: 'has a receiver, and says where to begin',
    types: [ALERT],
    check(block, model) {
      if (block.body.enabled !== true) return 'it is off';
      const channels = model.targets(
        block,
        'notification_channels',
        'google_monitoring_notification_channel',
      );
      if (channels.length !== 1) return 'it has no channel of ours';
      return valueAt(block.body, 'documentation.content') ? undefined : 'it does not say what to do';
    },
    breaks: [
      (model) => putAt(first(model, ALERT).body, 'enabled', false),
      (model) => putAt(first(model, ALERT).body, 'notification_channels', []),
      (model) => removeAt(first(model, ALERT).body, 'documentation'),
    ],
  },
  attributeRule({
    id: 'SHOP_ALARM_3',
    title: 'is read at the address of the settings',
    type: 'google_monitoring_notification_channel',
    path: 'labels.email_address',
    wanted: (value, _block, { settings }) => value === settings.edge.alarmAddress,
    bad: 'somebody@elsewhere.example',
  }),
];

const access: readonly Rule[] = [
  roleRule('CKV_GCP_117', 'gives no basic role', BASIC_ROLES, 'roles/viewer'),
  roleRule(
    'CKV_GCP_49',
    'lets no identity become every service account of the project',
    IMPERSONATION_ROLES,
    'roles/iam.serviceAccountTokenCreator',
  ),
  {
    id: 'CKV2_GCP_3',
    title: 'has no keys that could be carried away',
    types: ['google_service_account'],
    check: (block, model) =>
      model.companions(block, 'google_service_account_key', 'service_account_id').length === 0
        ? undefined
        : 'it has a key',
    breaks: (model) => {
      const { stack, type, name } = first(model, 'google_service_account');
      model.add(stack, 'google_service_account_key', 'key', {
        service_account_id: `\${${type}.${name}.name}`,
      });
    },
  },
];

const PROVIDER = 'google_iam_workload_identity_pool_provider';
const ACCOUNT_GRANTS = 'google_service_account_iam_member';
const CONSOLE_SUBJECT = `system:serviceaccount:${SERVICES_NAMESPACE}:${platformConsole.name}`;
const providerIn = (model: Model, stack: string): Block =>
  model.all(PROVIDER).find((one) => one.stack === stack)!;

const federation: readonly Rule[] = [
  {
    id: 'SHOP_TRUST_4',
    title: 'takes GitHub’s tokens of our repository and environment only, by numbers',
    types: [PROVIDER],
    judges: ({ stack }) => stack === 'bootstrap',
    check({ body }, { settings: { ci, environment } }) {
      const asked = String(body.attribute_condition).split(' && ');
      const missing = [
        `assertion.repository_id == '${ci.githubRepositoryId}'`,
        `assertion.repository_owner_id == '${ci.githubOwnerId}'`,
        `assertion.environment == '${environment}'`,
      ].filter((one) => !asked.includes(one));
      return missing.length > 0 ? `it does not ask for ${missing.join(', ')}` : undefined;
    },
    breaks: ['repository_id', 'repository_owner_id', 'environment'].map((claim) => (model) => {
      const { body } = providerIn(model, 'bootstrap');
      body.attribute_condition = String(body.attribute_condition).replace(`assertion.${claim} ==`, 'true ||');
    }),
  },
  {
    id: 'SHOP_TRUST_6',
    title: 'takes a cluster’s tokens of one account only, and only those that were made for Google',
    types: [PROVIDER],
    judges: ({ stack }) => stack !== 'bootstrap',
    check({ body }) {
      if (String(body.attribute_condition) !== `assertion.sub == '${CONSOLE_SUBJECT}'`)
        return 'other accounts of the cluster are taken too';
      const audiences = listAt(body, 'oidc.allowed_audiences');
      return audiences.join() === GOOGLE_TOKEN_AUDIENCE
        ? undefined
        : 'tokens that were made for others are taken too';
    },
    breaks: [
      (model) => {
        providerIn(model, 'link').body.attribute_condition =
          "assertion.sub.startsWith('system:serviceaccount:')";
      },
      (model) => putAt(providerIn(model, 'link').body, 'oidc.allowed_audiences', ['google', 'shop']),
    ],
  },
  {
    id: 'SHOP_TRUST_5',
    title: 'is no account that everybody of a pool becomes',
    types: [ACCOUNT_GRANTS],
    judges: ({ body }) => body.role === 'roles/iam.workloadIdentityUser',
    check({ body, stack }, { settings: { environment } }) {
      const wanted =
        stack === 'bootstrap' ? `/attribute.environment/${environment}` : `/subject/${CONSOLE_SUBJECT}`;
      return String(body.member).endsWith(wanted) ? undefined : `not only ${wanted} becomes it`;
    },
    breaks: ['bootstrap', 'link'].map((stack) => (model) => {
      const grant = model
        .all(ACCOUNT_GRANTS)
        .find((one) => one.stack === stack && one.body.role === 'roles/iam.workloadIdentityUser');
      grant!.body.member = String(grant!.body.member).replace(/(attribute\.|subject).*/, '*');
    }),
  },
  attributeRule({
    id: 'SHOP_GCP_1',
    title: 'stops the accounts that Google makes by itself: they may be editors of the project',
    type: 'google_project_default_service_accounts',
    path: 'action',
    wanted: ['DISABLE', 'DELETE'],
    bad: 'DEPRIVILEGE',
  }),
  {
    id: 'SHOP_GCP_2',
    title: 'lets only the deploying identity run things as it',
    types: ['google_service_account'],
    // What deploys runs as itself.
    judges: ({ stack }) => stack !== 'bootstrap',
    check(block, model) {
      const users = model
        .companions(block, ACCOUNT_GRANTS, 'service_account_id')
        .filter(({ body }) => body.role === 'roles/iam.serviceAccountUser');
      const members = users.map(({ body }) => String(body.member)).join();
      return members === deployAccountMember(model.settings)
        ? undefined
        : `it is used by ${members || 'no identity'}`;
    },
    breaks: [
      (model) => {
        grantOfUse(model).body.member = 'allAuthenticatedUsers';
      },
      (model) => model.remove(grantOfUse(model)),
    ],
  },
];

const grantOfUse = (model: Model): Block =>
  model.all(ACCOUNT_GRANTS).find(({ body }) => body.role === 'roles/iam.serviceAccountUser')!;

export const google: readonly Rule[] = [...dataproc, ...network, ...alarms, ...access, ...federation];
