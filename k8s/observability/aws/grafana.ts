// Grafana on AWS, as kube-prometheus-stack brings it: our boards and data sources, and a password that is made inside the cluster.

import type { IExternalSecret } from '@kubernetes-models/external-secrets/external-secrets.io/v1';
import type { IPassword } from '@kubernetes-models/external-secrets/generators.external-secrets.io/v1alpha1';
import { NAMESPACES } from '../../namespaces.ts';
import { resourcesOf } from '../../operators/resources.ts';
import { inRoom, PORTS } from '../addresses.ts';
import { dataSources } from '../data-sources.ts';
import { ADMIN_PASSWORD, GRAFANA_SECRETS } from '../grafana.ts';

const USER = 'GF_SECURITY_ADMIN_USER';
const RESTRICTED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

export const grafanaValues = () => ({
  defaultDashboardsEnabled: false,
  admin: { existingSecret: GRAFANA_SECRETS, userKey: USER, passwordKey: ADMIN_PASSWORD },
  testFramework: { enabled: false },
  'grafana.ini': {
    analytics: { reporting_enabled: false, check_for_updates: false, check_for_plugin_updates: false },
    'auth.anonymous': { enabled: false },
    users: { allow_sign_up: false },
    plugins: { preinstall_disabled: true },
    // Alerts are Prometheus' own: one place to look for a rule.
    unified_alerting: { enabled: false },
  },
  datasources: {
    'datasources.yaml': dataSources({
      prometheus: inRoom('prometheus', PORTS.prometheus),
      alertmanager: inRoom('alertmanager', PORTS.alertmanager),
    }),
  },
  sidecar: {
    dashboards: { searchNamespace: NAMESPACES.observability },
    datasources: { enabled: false },
    securityContext: RESTRICTED,
    resources: resourcesOf('10m', '80Mi', '160Mi'),
  },
  resources: resourcesOf('50m', '160Mi', '384Mi'),
});

/** Made once by External Secrets and known only in the cluster: `kubectl -n observability get secret` shows it. */
export const grafanaPassword = {
  generator: {
    apiVersion: 'generators.external-secrets.io/v1alpha1',
    kind: 'Password',
    metadata: { name: GRAFANA_SECRETS },
    spec: { length: 32, digits: 8, symbols: 0, noUpper: false, allowRepeat: true },
  } satisfies IPassword,
  secret: {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: GRAFANA_SECRETS },
    spec: {
      // A generator gives another one each time it is asked.
      refreshPolicy: 'CreatedOnce',
      refreshInterval: '0s',
      target: {
        name: GRAFANA_SECRETS,
        creationPolicy: 'Owner',
        deletionPolicy: 'Retain',
        template: {
          engineVersion: 'v2',
          mergePolicy: 'Replace',
          data: { [USER]: 'admin', [ADMIN_PASSWORD]: '{{ .password }}' },
        },
      },
      dataFrom: [
        {
          sourceRef: {
            generatorRef: {
              apiVersion: 'generators.external-secrets.io/v1alpha1',
              kind: 'Password',
              name: GRAFANA_SECRETS,
            },
          },
        },
      ],
    },
  } satisfies IExternalSecret,
};
