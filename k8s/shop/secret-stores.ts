// Where the services' facts and secrets come from on AWS: two stores in the services' own namespace, so that no other namespace can ask
// by them. What they may read is bounded once more by the operator's role, which names each (stacks/gitops/cluster-facts.ts).
import type { ISecretStore } from '@kubernetes-models/external-secrets/external-secrets.io/v1';
import type { Construct } from 'constructs';
import { addObject, partOf } from '../part.ts';

/** The store of facts. */
export const PARAMETER_STORE = 'parameter-store';
/** The store of secrets. */
export const SECRETS_MANAGER = 'secrets-manager';

/** On AWS only: a laptop's cluster makes its secrets itself. */
export function addSecretStores(scope: Construct): void {
  const { overlay } = partOf(scope).props;
  if (overlay.kind !== 'aws') throw new TypeError(`${overlay.name} has no cloud to take secrets from`);
  const { region } = overlay.settings.aws;
  const add = (name: string, service: 'ParameterStore' | 'SecretsManager') =>
    addObject(scope, {
      apiVersion: 'external-secrets.io/v1',
      kind: 'SecretStore',
      metadata: { name },
      // No `auth`: the operator asks with the pod identity of its own service account. `sessionTagsPolicy` is the API's default.
      spec: { provider: { aws: { service, region, sessionTagsPolicy: 'None' } } } as NonNullable<
        ISecretStore['spec']
      >,
    } satisfies ISecretStore);
  add(PARAMETER_STORE, 'ParameterStore');
  add(SECRETS_MANAGER, 'SecretsManager');
}
