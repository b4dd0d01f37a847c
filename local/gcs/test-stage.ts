// A server of its own for each spec file, and the official client on it.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bucket, Storage } from '@google-cloud/storage';
import type { RunningServer } from '../server/server.ts';
import { type InjectedFault, startGcs } from './gcs.ts';

/** 3.2 MB that no chunk boundary divides. */
export const LARGE = Buffer.alloc(3_200_003, createHash('sha512').update('large').digest());

export class GcsStage {
  /** What befalls the requests. */
  onRequest: (request: IncomingMessage) => InjectedFault | undefined = () => undefined;
  storage!: Storage;
  /** Named `results`. */
  bucket!: Bucket;
  #dataDir = '';
  #server!: RunningServer;

  async open(): Promise<void> {
    this.#dataDir = await mkdtemp(join(tmpdir(), 'gcs-'));
    await this.#start();
    await this.storage.createBucket('results');
  }

  async #start(): Promise<void> {
    this.#server = await startGcs({
      replacement: '',
      dataDir: this.#dataDir,
      logFile: join(this.#dataDir, 'gcs.log'),
      port: 0,
      onRequest: (request) => this.onRequest(request),
    });
    this.storage = this.client();
    this.bucket = this.storage.bucket('results');
  }

  async restart(): Promise<void> {
    await this.#server.stop();
    await this.#start();
  }

  async close(): Promise<void> {
    await this.#server?.stop();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  /** `http://127.0.0.1:…`; another one after a restart. */
  get address(): string {
    return this.#server.address;
  }

  /** Its retries come every second, the least it takes. */
  client(): Storage {
    return new Storage({
      apiEndpoint: this.address,
      projectId: 'local',
      useAuthWithCustomEndpoint: false,
      retryOptions: { maxRetries: 3, retryDelayMultiplier: 1, maxRetryDelay: 1 },
    });
  }

  async text(name: string): Promise<string> {
    return String((await this.bucket.file(name).download())[0]);
  }
}
