// The settings of one service as objects of the cluster, and how its container gets at them.
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { IExternalSecret } from '@kubernetes-models/external-secrets/external-secrets.io/v1';
import { Construct } from 'constructs';
import type { IConfigMap, IContainer, IPodSpec } from 'kubernetes-models/v1';
import { factPath, SECRET_FILES_FOLDER, secretName } from '#contracts/deployed-settings.ts';
import type { Process } from '#contracts/process.ts';
import { namePrefix } from '../../stacks/settings.ts';
import { addObject, partOf } from '../part.ts';
import { deployedSettings, factsName, secretsName, settingsName } from './deployed-settings.ts';
import { CLUSTER_AUTHORITY_FOLDER } from './local-settings.ts';
import { PARAMETER_STORE, SECRETS_MANAGER } from './secret-stores.ts';

/** Renewed by the kubelet at 80 % of its life. */
const TOKEN_LIFE_SECONDS = 3_600;
/** Readable by the group of the pod, not writable. */
const FILE_MODE = 0o440;

type Volumes = NonNullable<IPodSpec['volumes']>;
type Mounts = NonNullable<IContainer['volumeMounts']>;
interface Files {
  readonly volumes: Volumes;
  readonly mounts: Mounts;
}

export class ServiceSettings extends Construct {
  readonly envFrom: NonNullable<IContainer['envFrom']>;
  readonly env: NonNullable<IContainer['env']>;
  readonly volumes: Volumes;
  readonly mounts: Mounts;
  /** Changes with the files in Git: a pod that has the old value is replaced. */
  readonly contentHash: string;
  readonly #service: Process;

  constructor(scope: Construct, id: string, service: Process) {
    super(scope, id);
    this.#service = service;
    const { overlay } = partOf(this).props;
    const { values, facts, secrets, token } = deployedSettings(overlay, service);
    const data = Object.fromEntries(values);
    const config = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: settingsName(service) },
      data,
    } satisfies IConfigMap;
    addObject(this, config);
    if (overlay.kind === 'aws') {
      const prefix = namePrefix(overlay.settings);
      if (facts.size > 0)
        this.take(factsName(service), PARAMETER_STORE, facts, (fact) => ({ key: factPath(prefix, fact) }));
      if (secrets.size > 0)
        this.take(secretsName(service), SECRETS_MANAGER, secrets, (name, property) => ({
          key: secretName(prefix, name),
          property,
        }));
    }
    this.contentHash = createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 16);
    this.envFrom = [
      { configMapRef: { name: settingsName(service) } },
      ...(facts.size > 0 ? [{ secretRef: { name: factsName(service) } }] : []),
    ];
    this.env = secrets.size > 0 ? [{ name: 'SETTINGS_FOLDER', value: SECRET_FILES_FOLDER }] : [];
    const files = [
      ...(secrets.size > 0 ? [this.secretFiles()] : []),
      ...(token ? [tokenFiles(token)] : []),
      ...(values.has('NODE_EXTRA_CA_CERTS') ? [AUTHORITY_FILES] : []),
    ];
    this.volumes = files.flatMap(({ volumes }) => volumes);
    this.mounts = files.flatMap(({ mounts }) => mounts);
  }

  /** Has the operator bring values into a Secret. Its defaults are spelled out: what the API server added, ArgoCD would call drift. */
  private take(
    name: string,
    store: string,
    settings: ReadonlyMap<string, string>,
    refOf: (source: string, setting: string) => { readonly key: string; readonly property?: string },
  ): void {
    addObject(this, {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      // Before the Deployment, whose pods would wait for it.
      metadata: { name, annotations: { 'argocd.argoproj.io/sync-wave': '-1' } },
      spec: {
        refreshPolicy: 'Periodic',
        refreshInterval: '1h0m0s',
        secretStoreRef: { kind: 'SecretStore', name: store },
        target: { name, creationPolicy: 'Owner', deletionPolicy: 'Retain' },
        data: [...settings].map(([setting, source]) => ({
          secretKey: setting,
          remoteRef: {
            ...refOf(source, setting),
            conversionStrategy: 'Default',
            decodingStrategy: 'None',
            metadataPolicy: 'None',
          },
        })),
      },
    } satisfies IExternalSecret);
  }

  private secretFiles(): Files {
    const name = 'secrets';
    return {
      volumes: [{ name, secret: { secretName: secretsName(this.#service), defaultMode: FILE_MODE } }],
      mounts: [{ name, mountPath: SECRET_FILES_FOLDER, readOnly: true }],
    };
  }
}

function tokenFiles({ path, audience }: { readonly path: string; readonly audience: string }): Files {
  const name = 'service-token';
  const source = { audience, expirationSeconds: TOKEN_LIFE_SECONDS, path: posix.basename(path) };
  return {
    volumes: [{ name, projected: { defaultMode: FILE_MODE, sources: [{ serviceAccountToken: source }] } }],
    mounts: [{ name, mountPath: posix.dirname(path), readOnly: true }],
  };
}

/** Kubernetes keeps this ConfigMap in every namespace (`RootCAConfigMap`). */
const AUTHORITY_FILES: Files = {
  volumes: [{ name: 'cluster-authority', configMap: { name: 'kube-root-ca.crt', defaultMode: FILE_MODE } }],
  mounts: [{ name: 'cluster-authority', mountPath: CLUSTER_AUTHORITY_FOLDER, readOnly: true }],
};
