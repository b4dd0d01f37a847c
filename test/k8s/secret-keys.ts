// Who makes the Secrets that pods need, since none is in Git: an ExternalSecret fetches it, or a job inside the cluster makes it.
import { at, type Content, listAt } from './content.ts';

/** The settings of the job that makes secrets, in its own ConfigMap. */
const WANTED = 'wanted.json';

interface WantedSecret {
  readonly namespace: string;
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Keys of a Secret; `any` where only its store knows them; nothing where it does not exist. */
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
  const wanted = content.all('ConfigMap').flatMap(({ object }) => {
    const text = (object.data as Readonly<Record<string, string>> | undefined)?.[WANTED];
    return text ? (JSON.parse(text) as WantedSecret[]) : [];
  });
  const found = wanted.find((one) => one.namespace === namespace && one.name === name);
  return found && Object.keys(found.values);
}
