// The key that encrypts what the analytics side keeps. It rotates, and only the agents of the services that use it may.

import { DataGoogleProject } from '@cdktf/provider-google/lib/data-google-project/index.js';
import { DataGoogleStorageProjectServiceAccount } from '@cdktf/provider-google/lib/data-google-storage-project-service-account/index.js';
import { KmsCryptoKey } from '@cdktf/provider-google/lib/kms-crypto-key/index.js';
import { KmsCryptoKeyIamMember } from '@cdktf/provider-google/lib/kms-crypto-key-iam-member/index.js';
import { KmsKeyRing } from '@cdktf/provider-google/lib/kms-key-ring/index.js';
import { GoogleProjectServiceIdentity } from '@cdktf/provider-google-beta/lib/google-project-service-identity/index.js';
import type { GoogleBetaProvider } from '@cdktf/provider-google-beta/lib/provider/index.js';
import { Id } from '@cdktf/provider-random/lib/id/index.js';
import { Construct } from 'constructs';
import { keepsData, PlatformStack } from '../constructs/platform-stack.ts';
import type { Api, ApiServices } from './api-services.ts';

const ROTATION_S = 90 * 86_400;

/** Services that encrypt in the name of an account of Google's own, their agent. */
export type Agent = 'storage' | 'compute' | 'dataproc' | 'sqladmin' | 'secretmanager' | 'artifactregistry';

export interface AnalyticsKeyProps {
  readonly apis: ApiServices<Api>;
  /** The only one with a resource that makes agents. */
  readonly beta: GoogleBetaProvider;
}

/** The key, for services that may use it. */
export interface UsableKey {
  /** `projects/…/cryptoKeys/…`. */
  readonly name: string;
  /** What uses the key must wait for these: naming the key does not. */
  readonly grants: KmsCryptoKeyIamMember[];
}

export class AnalyticsKey extends Construct {
  readonly #key: KmsCryptoKey;
  readonly #project: DataGoogleProject;
  readonly #props: AnalyticsKeyProps;
  readonly #grants = new Map<Agent, KmsCryptoKeyIamMember>();

  constructor(scope: Construct, id: string, props: AnalyticsKeyProps) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    this.#props = props;
    this.#project = new DataGoogleProject(this, 'project', {});
    // Key rings are never deleted: after a destroy the same name could not be made again (Cloud KMS, "Object hierarchy").
    const suffix = new Id(this, 'suffix', { byteLength: 4, keepers: { location: settings.gcp.region } });
    const ring = new KmsKeyRing(this, 'ring', {
      name: `${prefix}-analytics-${suffix.hex}`,
      location: settings.gcp.region,
      lifecycle: keepsData(settings),
    });
    this.#key = new KmsCryptoKey(this, 'key', {
      name: 'analytics',
      keyRing: ring.id,
      purpose: 'ENCRYPT_DECRYPT',
      rotationPeriod: `${ROTATION_S}s`,
      lifecycle: keepsData(settings),
    });
  }

  /** Lets the services encrypt with the key. */
  usableBy(...agents: readonly Agent[]): UsableKey {
    return { name: this.#key.id, grants: agents.map((agent) => this.grant(agent)) };
  }

  private grant(agent: Agent): KmsCryptoKeyIamMember {
    const found = this.#grants.get(agent);
    if (found) return found;
    const grant = new KmsCryptoKeyIamMember(this, `used-by-${agent}`, {
      cryptoKeyId: this.#key.id,
      role: 'roles/cloudkms.cryptoKeyEncrypterDecrypter',
      member: this.memberOf(agent),
    });
    this.#grants.set(agent, grant);
    return grant;
  }

  /** Some agents exist from the moment their API is enabled, others once a resource needs them. */
  private memberOf(agent: Agent): string {
    const { apis, beta } = this.#props;
    switch (agent) {
      case 'storage':
        return new DataGoogleStorageProjectServiceAccount(this, agent, { dependsOn: [apis.api(agent)] })
          .member;
      case 'compute':
        return `serviceAccount:service-${this.#project.number}@compute-system.iam.gserviceaccount.com`;
      case 'dataproc':
        return `serviceAccount:service-${this.#project.number}@dataproc-accounts.iam.gserviceaccount.com`;
      case 'sqladmin':
      case 'secretmanager':
      case 'artifactregistry':
        return new GoogleProjectServiceIdentity(this, agent, {
          provider: beta,
          service: `${agent}.googleapis.com`,
        }).member;
    }
  }
}
