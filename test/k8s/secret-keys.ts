// Who makes the Secrets that pods need, since none stands in Git: an ExternalSecret fetches it, or a job inside the cluster makes it.
import { at, type Content, listAt } from './content.ts';

/** A job that makes Secrets says which, and with which keys: `{"name":["KEY"]}`. */
export const MAKES_SECRETS = 'shop.local/makes-secrets';

/** Keys of a Secret; `any` where only its store knows them; nothing where nobody makes it. */
export function keysMadeInCluster(
  content: Content,
  namespace: string,
  name: string,
): readonly string[] | 'any' | undefined {
  return fetched(content, namespace, name) ?? made(content, namespace, name);
}

function fetched(content: Content, namespace: string, name: string): readonly string[] | 'any' | undefined {
  const found = content
    .all('ExternalSecret')
    .find(
      ({ object }) =>
        object.metadata.namespace === namespace &&
        (at(object, 'spec.target.name') ?? object.metadata.name) === name,
    );
  if (!found) return undefined;
  if (listAt(found.object, 'spec.dataFrom').length > 0) return 'any';
  const templated = at(found.object, 'spec.target.template.data');
  if (templated) return Object.keys(templated);
  return listAt<{ secretKey: string }>(found.object, 'spec.data').map(({ secretKey }) => secretKey);
}

function made(content: Content, namespace: string, name: string): readonly string[] | undefined {
  for (const { object } of content.all('Job')) {
    const told = object.metadata.annotations?.[MAKES_SECRETS];
    if (!told) continue;
    const bySecret = JSON.parse(told) as Record<string, readonly string[]>;
    const key = `${namespace}/${name}`;
    if (Object.hasOwn(bySecret, key)) return bySecret[key];
  }
  return undefined;
}
