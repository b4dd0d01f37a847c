// What the container of a Deployment finds in its environment and in the files of its secrets, from the objects that are beside it. What
// those only point at (parameters, secrets of a cloud, Secrets that a Job makes) is asked for.
import type { IExternalSecret } from '@kubernetes-models/external-secrets/external-secrets.io/v1';
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IConfigMap } from 'kubernetes-models/v1';
import type { KubeObject } from '../../../k8s/part.ts';

type Values = Readonly<Record<string, string>>;

/** Finds what is not in the manifests; undefined where there is no such thing. */
export interface Outside {
  /** What the store of that name has under the key, and within it under the property. */
  remote(store: string, key: string, property?: string): string | undefined;
  /** A Secret that another program makes. */
  secret(name: string): Values | undefined;
}

export interface Found {
  readonly env: Values;
  /** By the folder that they are mounted at. */
  readonly files: ReadonlyMap<string, Values>;
}

/** @throws TypeError when something is pointed at that is not there, or a variable comes from two places */
export function manifestEnvironment(objects: readonly KubeObject[], outside: Outside): Found {
  const named = (kind: string, name: string | undefined): KubeObject | undefined =>
    objects.find((one) => one.kind === kind && one.metadata?.name === name);
  const secretOf = (name: string | undefined): Values => {
    const external = named('ExternalSecret', name) as IExternalSecret | undefined;
    const found = external ? valuesOf(external, outside) : outside.secret(name ?? '');
    if (!found) throw new TypeError(`there is no Secret ${name}`);
    return found;
  };
  const configMapOf = (name: string | undefined): Values => {
    const found = named('ConfigMap', name) as IConfigMap | undefined;
    if (!found) throw new TypeError(`there is no ConfigMap ${name}`);
    return found.data ?? {};
  };
  const { spec } = (objects.find(({ kind }) => kind === 'Deployment') as IDeployment).spec!.template;
  const [container] = spec!.containers;
  const sources = [
    ...(container!.envFrom ?? []).map(({ configMapRef, secretRef }) =>
      configMapRef ? configMapOf(configMapRef.name) : secretOf(secretRef?.name),
    ),
    Object.fromEntries((container!.env ?? []).map(({ name, value }) => [name, value ?? ''])),
  ];
  const files = (spec!.volumes ?? []).flatMap(({ name, secret }) => {
    const mount = container!.volumeMounts?.find((one) => one.name === name);
    return secret && mount ? [[mount.mountPath, secretOf(secret.secretName)] as const] : [];
  });
  return { env: joined(sources), files: new Map(files) };
}

function valuesOf({ spec }: IExternalSecret, outside: Outside): Values {
  return Object.fromEntries(
    (spec?.data ?? []).map(({ secretKey, remoteRef }) => {
      const { key, property } = remoteRef;
      const value = outside.remote(spec?.secretStoreRef?.name ?? '', key, property);
      if (value === undefined) throw new TypeError(`${secretKey}: there is no ${key} ${property ?? ''}`);
      return [secretKey, value];
    }),
  );
}

function joined(sources: readonly Values[]): Values {
  const names = sources.flatMap((source) => Object.keys(source));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) throw new TypeError(`${twice} comes from two places`);
  return Object.assign({}, ...sources) as Values;
}
