// Where the container images of Google Cloud's side are: a tag is given once and never moves.
import { ArtifactRegistryRepository } from '@cdktf/provider-google/lib/artifact-registry-repository/index.js';
import { Construct } from 'constructs';
import { keepsData, PlatformStack } from '../constructs/platform-stack.ts';
import type { AnalyticsKey } from './analytics-key.ts';

const DAY_S = 86_400;

export class ImageRepository extends Construct {
  /** `<region>-docker.pkg.dev/<project>/<repository>`. */
  readonly address: string;

  constructor(scope: Construct, id: string, key: AnalyticsKey) {
    super(scope, id);
    const { prefix, settings } = PlatformStack.of(this);
    const { region, projectId } = settings.gcp;
    const encryption = key.usableBy('artifactregistry');
    const repository = new ArtifactRegistryRepository(this, 'repository', {
      repositoryId: prefix,
      location: region,
      format: 'DOCKER',
      description: 'Images of the analytics side',
      dockerConfig: { immutableTags: true },
      kmsKeyName: encryption.name,
      cleanupPolicies: [
        // Keeping wins over deleting (Artifact Registry, "Configure cleanup policies").
        { id: 'keep-recent', action: 'KEEP', mostRecentVersions: { keepCount: 20 } },
        {
          id: 'delete-untagged',
          action: 'DELETE',
          condition: { tagState: 'UNTAGGED', olderThan: `${30 * DAY_S}s` },
        },
      ],
      cleanupPolicyDryRun: false,
      dependsOn: encryption.grants,
      lifecycle: keepsData(settings),
    });
    this.address = `${region}-docker.pkg.dev/${projectId}/${repository.repositoryId}`;
  }
}
