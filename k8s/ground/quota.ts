// How much the pods of a namespace may take together.

/** As Kubernetes names them. */
export type Quota = Readonly<Record<string, string>>;

/** So that a mistake fills a namespace and not the cluster. */
export const DEFAULT_QUOTA: Quota = {
  pods: '60',
  'requests.cpu': '12',
  'requests.memory': '24Gi',
  'limits.memory': '32Gi',
  'services.loadbalancers': '0',
  'services.nodeports': '0',
};
