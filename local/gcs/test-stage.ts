// A new server for each spec file, and the official client on it.
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bucket, Storage } from '@google-cloud/storage';
import type { RunningServer } from '../server/server.ts';
import { type InjectedFault, startGcs } from './gcs.ts';

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

  /** One that repeats requests, every second at the soonest; a save without a precondition ends all repeating of its client. */
  client(): Storage {
    return new Storage({
      apiEndpoint: this.address,
      projectId: 'local',
      useAuthWithCustomEndpoint: false,
      retryOptions: { maxRetries: 3, retryDelayMultiplier: 1, maxRetryDelay: 1 },
    });
  }

  async save(name: string, content: string): Promise<void> {
    await this.bucket.file(name).save(content, { resumable: false });
  }

  async text(name: string): Promise<string> {
    return String((await this.bucket.file(name).download())[0]);
  }
}
