// Google APIs that a stack uses, enabled before anything else of it is made.
import { ProjectService } from '@cdktf/provider-google/lib/project-service/index.js';
import { TimeProvider } from '@cdktf/provider-time/lib/provider/index.js';
import { Sleep } from '@cdktf/provider-time/lib/sleep/index.js';
import { Aspects, dependable, TerraformResource } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { PlatformStack } from '../constructs/platform-stack.ts';

/** What the platform uses, beside those that `bootstrap` enables. */
export const APIS = [
  'artifactregistry',
  'cloudkms',
  'compute',
  'dataproc',
  'dns',
  'firestore',
  'iam',
  'iamcredentials',
  'logging',
  'monitoring',
  'run',
  'secretmanager',
  'servicenetworking',
  'sqladmin',
  'storage',
  'sts',
] as const;
export type Api = (typeof APIS)[number];

export interface ApiServicesProps<Name extends string> {
  /** Without `.googleapis.com`. */
  readonly apis: readonly Name[];
}

export class ApiServices<Name extends string> extends Construct {
  readonly #apis: ReadonlyMap<Name, ProjectService>;

  constructor(scope: Construct, id: string, { apis }: ApiServicesProps<Name>) {
    super(scope, id);
    const stack = PlatformStack.of(this);
    this.#apis = new Map(apis.map((api) => [api, this.enable(api)]));
    new TimeProvider(this, 'time');
    // An API that was just enabled refuses calls for up to a minute (Google Cloud, "Enabling an API").
    const settled = new Sleep(this, 'settled', {
      createDuration: '60s',
      dependsOn: [...this.#apis.values()],
    });
    Aspects.of(stack).add({ visit: (node) => this.precede(node, dependable(settled)) });
  }

  /**
   * For data sources, which do not wait for all: while anything they depend on changes, Terraform does not know their values, and
   * would plan to replace what is made of them.
   */
  api(name: Name): ProjectService {
    return this.#apis.get(name)!;
  }

  private enable(api: Name): ProjectService {
    // Others in the project may use the API by then, and disabling it deletes what it holds.
    return new ProjectService(this, api, { service: `${api}.googleapis.com`, disableOnDestroy: false });
  }

  /** An aspect, since a resource that forgot to name its API would fail on an empty project only. */
  private precede(node: IConstruct, settled: string): void {
    if (!(node instanceof TerraformResource) || node.node.scope === this) return;
    if (!node.terraformResourceType.startsWith('google_')) return;
    node.dependsOn = [...(node.dependsOn ?? []), settled];
  }
}
