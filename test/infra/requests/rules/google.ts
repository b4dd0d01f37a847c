// Identities, stores and programs of Google Cloud. A parameter of a method's address is written with `@`.
import { ON_DELETION, oneRequest, STEERS_PROVIDER, type TypeRule } from '../request-rule.ts';

const deletion = { deletion_policy: ON_DELETION, deletion_protection: ON_DELETION };
const inLocation = { '@parent': 'projects/{project}/locations/{location}' };
const inProject = { '@parent': 'projects/{project}' };
const global = { '@project': '{project}' };

const BINDING = {
  role: 'policy.bindings.role',
  member: 'policy.bindings.members',
  condition: 'policy.bindings.condition',
};
const binding = (operation: string, resource: string): TypeRule =>
  oneRequest(operation, BINDING, { given: { '@resource': resource } });

const IDENTITIES: Readonly<Record<string, TypeRule>> = {
  google_service_account: oneRequest(
    'google/iam.v1.projects.serviceAccounts.create',
    {
      account_id: 'accountId',
      display_name: 'serviceAccount.displayName',
      description: 'serviceAccount.description',
    },
    { given: { '@name': 'projects/{project}' }, unsent: { create_ignore_already_exists: STEERS_PROVIDER } },
  ),
  google_service_account_iam_member: binding(
    'google/iam.v1.projects.serviceAccounts.setIamPolicy',
    '{service_account_id}',
  ),
  google_project_iam_member: binding('google/cloudresourcemanager.v1.projects.setIamPolicy', '{project}'),
  google_project_iam_custom_role: oneRequest(
    'google/iam.v1.projects.roles.create',
    {
      role_id: 'roleId',
      permissions: 'role.includedPermissions',
      title: 'role.title',
      description: 'role.description',
      stage: 'role.stage',
    },
    { given: inProject },
  ),
  google_project_default_service_accounts: oneRequest(
    'google/iam.v1.projects.serviceAccounts.disable',
    {},
    {
      given: { '@name': 'projects/{project}/serviceAccounts/${default}' },
      unsent: { action: 'chooses the call', restore_policy: ON_DELETION },
    },
  ),
  google_project_service: oneRequest(
    'google/serviceusage.v1.services.enable',
    {},
    {
      given: { '@name': 'projects/{project}/services/{service}' },
      unsent: {
        disable_on_destroy: ON_DELETION,
        disable_dependent_services: ON_DELETION,
        check_if_service_has_usage_on_destroy: ON_DELETION,
      },
    },
  ),
  google_project_service_identity: oneRequest(
    'google/serviceusage.v1beta1.services.generateServiceIdentity',
    {},
    { given: { '@parent': 'projects/{project}/services/{service}' } },
  ),
  google_iam_workload_identity_pool: oneRequest(
    'google/iam.v1.projects.locations.workloadIdentityPools.create',
    {},
    { given: { '@parent': 'projects/{project}/locations/global' } },
  ),
  google_iam_workload_identity_pool_provider: oneRequest(
    'google/iam.v1.projects.locations.workloadIdentityPools.providers.create',
    {},
    {
      given: {
        '@parent': 'projects/{project}/locations/global/workloadIdentityPools/{workload_identity_pool_id}',
      },
    },
  ),
};

const KEYS_AND_STORES: Readonly<Record<string, TypeRule>> = {
  google_kms_key_ring: oneRequest(
    'google/cloudkms.v1.projects.locations.keyRings.create',
    { name: '@keyRingId' },
    { given: inLocation },
  ),
  google_kms_crypto_key: oneRequest(
    'google/cloudkms.v1.projects.locations.keyRings.cryptoKeys.create',
    { name: '@cryptoKeyId' },
    { given: { '@parent': '{key_ring}' } },
  ),
  google_kms_crypto_key_iam_member: binding(
    'google/cloudkms.v1.projects.locations.keyRings.cryptoKeys.setIamPolicy',
    '{crypto_key_id}',
  ),
  google_secret_manager_secret: oneRequest(
    'google/secretmanager.v1.projects.secrets.create',
    {},
    { given: inProject, unsent: deletion },
  ),
  google_secret_manager_secret_iam_member: binding(
    'google/secretmanager.v1.projects.secrets.setIamPolicy',
    'projects/{project}/secrets/{secret_id}',
  ),
  google_secret_manager_secret_version: oneRequest(
    'google/secretmanager.v1.projects.secrets.addVersion',
    { secret_data: 'payload.data', secret_data_wo: 'payload.data' },
    {
      given: { '@parent': '{secret}' },
      unsent: { ...deletion, secret_data_wo_version: 'tells the provider when to write the value again' },
    },
  ),
  google_storage_bucket: oneRequest(
    'google/storage.v1.buckets.insert',
    {
      lifecycle_rule: 'lifecycle.rule',
      'lifecycle_rule.condition.with_state': 'isLive',
      uniform_bucket_level_access: 'iamConfiguration.uniformBucketLevelAccess.enabled',
      public_access_prevention: 'iamConfiguration.publicAccessPrevention',
    },
    { given: global, unsent: { force_destroy: ON_DELETION }, reform: withLiveAsBoolean },
  ),
  google_storage_bucket_iam_member: oneRequest(
    'google/storage.v1.buckets.setIamPolicy',
    { role: 'bindings.role', member: 'bindings.members', condition: 'bindings.condition' },
    {},
  ),
  google_storage_bucket_object: oneRequest(
    'google/storage.v1.objects.insert',
    { bucket: '@bucket' },
    {
      unsent: {
        source: 'read by the provider, and sent as bytes',
        content: 'sent as bytes',
        source_md5hash: STEERS_PROVIDER,
        ...deletion,
      },
    },
  ),
  google_sql_database_instance: oneRequest(
    'google/sqladmin.v1beta4.instances.insert',
    {
      encryption_key_name: 'diskEncryptionConfiguration.kmsKeyName',
      root_password: 'rootPassword',
      'settings.disk_size': 'dataDiskSizeGb',
      'settings.disk_type': 'dataDiskType',
      'settings.disk_autoresize': 'storageAutoResize',
      'settings.disk_autoresize_limit': 'storageAutoResizeLimit',
      'settings.ip_configuration.private_network': 'privateNetwork',
      'settings.ip_configuration.enable_private_path_for_google_cloud_services':
        'enablePrivatePathForGoogleCloudServices',
    },
    { given: global, unsent: deletion },
  ),
  google_sql_database: oneRequest(
    'google/sqladmin.v1beta4.databases.insert',
    {},
    { given: { ...global, '@instance': '{instance}' }, unsent: deletion },
  ),
  google_sql_user: oneRequest(
    'google/sqladmin.v1beta4.users.insert',
    { password_wo: 'password' },
    {
      given: { ...global, '@instance': '{instance}' },
      unsent: { ...deletion, password_wo_version: 'tells the provider when to write the value again' },
    },
  ),
  google_firestore_database: oneRequest(
    'google/firestore.v1.projects.databases.create',
    { name: '@databaseId' },
    { given: inProject, unsent: { deletion_policy: ON_DELETION } },
  ),
  google_firestore_index: oneRequest(
    'google/firestore.v1.projects.databases.collectionGroups.indexes.create',
    {},
    { given: { '@parent': 'projects/{project}/databases/{database}/collectionGroups/{collection}' } },
  ),
};

/** Terraform's `LIVE` and `ARCHIVED` are true and false. */
function withLiveAsBoolean(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy = structuredClone(body) as Record<string, unknown>;
  for (const rule of [copy.lifecycle_rule ?? []].flat() as { condition?: unknown }[])
    for (const condition of [rule.condition ?? []].flat() as Record<string, unknown>[]) {
      if (condition.with_state === 'LIVE' || condition.with_state === 'ARCHIVED')
        condition.with_state = condition.with_state === 'LIVE';
      if (condition.with_state === 'ANY') delete condition.with_state;
    }
  return copy;
}

const PROGRAMS: Readonly<Record<string, TypeRule>> = {
  google_artifact_registry_repository: oneRequest(
    'google/artifactregistry.v1.projects.locations.repositories.create',
    {},
    {
      given: inLocation,
      reform: (body) => ({
        ...body,
        // A list of policies, each with its id, is a map by id.
        ...(body.cleanup_policies !== undefined && {
          cleanup_policies: Object.fromEntries(
            (body.cleanup_policies as { id: string }[]).map((policy) => [policy.id, policy]),
          ),
        }),
      }),
    },
  ),
  google_cloud_run_v2_worker_pool: oneRequest(
    'google/run.v2.projects.locations.workerPools.create',
    {
      name: '@workerPoolId',
      'template.containers.env.value_source': 'valueSource',
      'template.scaling': '',
    },
    { given: inLocation, unsent: deletion },
  ),
  google_dataproc_cluster: oneRequest(
    'google/dataproc.v1.projects.regions.clusters.create',
    {
      name: 'clusterName',
      region: '@region',
      cluster_config: 'config',
      'cluster_config.encryption_config.kms_key_name': 'gcePdKmsKeyName',
      'cluster_config.gce_cluster_config.subnetwork': 'subnetworkUri',
      'cluster_config.gce_cluster_config.network': 'networkUri',
      'cluster_config.gce_cluster_config.zone': 'zoneUri',
      'cluster_config.initialization_action': 'initializationActions',
      'cluster_config.initialization_action.script': 'executableFile',
      'cluster_config.initialization_action.timeout_sec': 'executionTimeout',
      'cluster_config.master_config.machine_type': 'machineTypeUri',
      'cluster_config.worker_config.machine_type': 'machineTypeUri',
      'cluster_config.preemptible_worker_config': 'secondaryWorkerConfig',
      'cluster_config.software_config.override_properties': 'properties',
      'cluster_config.staging_bucket': 'configBucket',
    },
    {
      given: { projectId: '{project}', '@projectId': '{project}' },
      unsent: { graceful_decommission_timeout: 'read when the cluster shrinks' },
    },
  ),
  google_dataproc_job: oneRequest(
    'google/dataproc.v1.projects.regions.jobs.submit',
    {
      region: '@region',
      labels: 'job.labels',
      placement: 'job.placement',
      reference: 'job.reference',
      scheduling: 'job.scheduling',
      pyspark_config: 'job.pysparkJob',
      'pyspark_config.main_python_file_uri': 'mainPythonFileUri',
      spark_config: 'job.sparkJob',
    },
    { given: { '@projectId': '{project}' }, unsent: { force_delete: ON_DELETION } },
  ),
  google_logging_metric: oneRequest('google/logging.v2.projects.metrics.create', {}, { given: inProject }),
  google_monitoring_alert_policy: oneRequest(
    'google/monitoring.v3.projects.alertPolicies.create',
    {},
    { given: { '@name': 'projects/{project}' } },
  ),
  google_monitoring_notification_channel: oneRequest(
    'google/monitoring.v3.projects.notificationChannels.create',
    {},
    { given: { '@name': 'projects/{project}' }, unsent: { force_delete: ON_DELETION } },
  ),
};

export const GOOGLE: Readonly<Record<string, TypeRule>> = {
  ...IDENTITIES,
  ...KEYS_AND_STORES,
  ...PROGRAMS,
};
