// What the pods of a namespace may do (Kubernetes, "Pod Security Standards").

/** @param privilege - why more than `restricted`; undefined where it is that */
export function podSecurity(privilege: string | undefined): Record<string, string> {
  const level = privilege === undefined ? 'restricted' : 'privileged';
  return {
    'pod-security.kubernetes.io/enforce': level,
    'pod-security.kubernetes.io/enforce-version': 'latest',
    // Pods are refused one by one; an object that would make such pods gets a warning at once.
    'pod-security.kubernetes.io/warn': level,
    'pod-security.kubernetes.io/audit': level,
  };
}
