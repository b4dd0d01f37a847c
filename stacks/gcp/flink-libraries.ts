// What nodes run and fetch as they start: the initialization action, and the jars that it puts into Flink's folder. Each lies
// under the hash of its content, so that a change is a new address, and a new address a new cluster.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StorageBucketObject } from '@cdktf/provider-google/lib/storage-bucket-object/index.js';
import { AssetType, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import type { FlinkFile } from '../artifacts.ts';

/** Runs on each node, after the optional components were installed. */
const SCRIPT = join(import.meta.dirname, 'init-actions', 'install-flink-libraries.sh');

export interface FlinkLibrariesProps {
  readonly bucketName: string;
  /** May be empty. */
  readonly libraries: readonly FlinkFile[];
}

export class FlinkLibraries extends Construct {
  /** `gs://…` of the initialization action. */
  readonly scriptAddress: string;
  /** Instance attributes that the action reads. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Must be there before a node starts. */
  readonly uploads: StorageBucketObject[] = [];
  readonly #bucketName: string;

  constructor(scope: Construct, id: string, { bucketName, libraries }: FlinkLibrariesProps) {
    super(scope, id);
    this.#bucketName = bucketName;
    const sha256 = createHash('sha256').update(readFileSync(SCRIPT)).digest('hex');
    this.scriptAddress = this.upload('init-actions', {
      name: 'install-flink-libraries.sh',
      path: SCRIPT,
      sha256,
    });
    const addresses = libraries.map((library) => this.upload('libraries', library));
    this.attributes = { 'flink-libraries': addresses.join(' ') || 'none' };
  }

  private upload(folder: string, { name, path, sha256 }: FlinkFile): string {
    const asset = new TerraformAsset(this, `asset-${name}`, {
      path,
      type: AssetType.FILE,
      assetHash: sha256,
    });
    const object = `${folder}/${sha256}/${name}`;
    this.uploads.push(
      new StorageBucketObject(this, name, { bucket: this.#bucketName, name: object, source: asset.path }),
    );
    return `gs://${this.#bucketName}/${object}`;
  }
}
