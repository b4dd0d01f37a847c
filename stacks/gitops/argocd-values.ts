// How ArgoCD is set up, as values of its chart: in an environment's cluster and in a laptop's alike.

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
  /** Whether it goes on while one of its nodes is lost. */
  readonly isRedundant: boolean;
}

export const argocdValues = (_size: ArgoCdSize) => ({
  configs: {
    cm: {
      'application.resourceTrackingMethod': 'annotation',
      'resource.customizations.health.argoproj.io_Application': APPLICATION_HEALTH,
      // People sign in through their own identity provider; the built-in account is for the first minute.
      'admin.enabled': true,
    },
    params: { 'server.insecure': false },
  },
  dex: { enabled: false },
  notifications: { enabled: false },
  controller: { metrics: { enabled: true } },
  repoServer: { metrics: { enabled: true } },
  server: { metrics: { enabled: true }, service: { type: 'ClusterIP' } },
});
