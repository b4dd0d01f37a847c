// How ArgoCD is set up, as values of its chart (argo-cd 10.1.1): in an environment's cluster and in a laptop's alike.

/**
 * Waves reach across Applications only if an Application's own health counts, which ArgoCD leaves out by default (Argo CD,
 * "Health of Argo CD Apps").
 */
const APPLICATION_HEALTH = `hs = {}
hs.status = "Progressing"
hs.message = ""
if obj.status ~= nil and obj.status.health ~= nil then
  hs.status = obj.status.health.status
  hs.message = obj.status.health.message or ""
end
return hs`;

export interface ArgoCdSize {
  /** Whether it continues while one of its nodes is lost. */
  readonly isRedundant: boolean;
}

/** Not measured: for some twenty Applications, with twice the request as a limit. Rendering a large chart takes most. */
const resources = (cpu: string, memory: string, memoryLimit: string) => ({
  requests: { cpu, memory },
  limits: { memory: memoryLimit },
});

const metrics = { enabled: true };

/** Replicas of the parts that may run several times. The controller may not, since each replica would take other clusters. */
const replicas = ({ isRedundant }: ArgoCdSize) =>
  isRedundant ? { replicas: 2, pdb: { enabled: true, minAvailable: 1 } } : { replicas: 1 };

export const argocdValues = (size: ArgoCdSize) => ({
  // Each program is reached by the ArgoCD programs that call it, and its metrics by Prometheus.
  global: { networkPolicy: { create: true, defaultDenyIngress: true } },
  configs: {
    cm: {
      'application.resourceTrackingMethod': 'annotation',
      'resource.customizations.health.argoproj.io_Application': APPLICATION_HEALTH,
      // People sign in through their own identity provider; the built-in account is for the first minute.
      'admin.enabled': true,
    },
    params: {
      'server.insecure': false,
      // Fields that the API server fills in are no difference.
      'controller.diff.server.side': true,
    },
  },
  // It is not used for sign-in, notifications, or generated Applications.
  dex: { enabled: false },
  notifications: { enabled: false },
  applicationSet: { replicas: 0 },
  controller: { replicas: 1, metrics, resources: resources('250m', '512Mi', '1Gi') },
  repoServer: { ...replicas(size), metrics, resources: resources('100m', '256Mi', '768Mi') },
  server: {
    ...replicas(size),
    metrics,
    service: { type: 'ClusterIP' },
    resources: resources('50m', '128Mi', '256Mi'),
  },
  ...redis(size),
});

/** A cache: what is lost is read again, so that one is enough where a minute of waiting is. */
const redis = ({ isRedundant }: ArgoCdSize) =>
  isRedundant
    ? {
        redis: { enabled: false },
        'redis-ha': {
          enabled: true,
          redis: { resources: resources('50m', '64Mi', '192Mi') },
          sentinel: { resources: resources('20m', '32Mi', '96Mi') },
          haproxy: {
            resources: resources('20m', '64Mi', '192Mi'),
            networkPolicy: { enabled: true, ingressRules: FROM_ARGOCD },
          },
          networkPolicy: { enabled: true, ingressRules: FROM_PROXY },
        },
      }
    : { redis: { resources: resources('50m', '64Mi', '192Mi') } };

const FROM_ARGOCD = [
  { selectors: [{ podSelector: { matchLabels: { 'app.kubernetes.io/part-of': 'argocd' } } }] },
];
const FROM_PROXY = [
  { selectors: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'argocd-redis-ha-haproxy' } } }] },
];
