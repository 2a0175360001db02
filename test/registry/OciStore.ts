import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { open, rename, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';

export interface StoredManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

export class StoredRepository {
  readonly blobs = new Set<string>();
  readonly manifests = new Map<string, StoredManifest>();
  readonly tags = new Map<string, string>();
}

/** What a `TestOciRegistry` holds: blobs and upload sessions as files of a folder, the rest in memory. */
export class OciStore {
  readonly repositories = new Map<string, StoredRepository>();
  readonly #sessions = new Map<string, { repository: string; size: number }>();

  constructor(readonly directory: string) {
    for (const folder of ['blobs', 'uploads']) mkdirSync(join(directory, folder), { recursive: true });
  }

  repository(name: string): StoredRepository {
    const found = this.repositories.get(name) ?? new StoredRepository();
    this.repositories.set(name, found);
    return found;
  }

  blobPath(digest: string): string {
    return join(this.directory, 'blobs', digest.replace(':', '-'));
  }

  readBlob(digest: string): Buffer {
    return readFileSync(this.blobPath(digest));
  }

  async blobSize(repository: string, digest: string): Promise<number | undefined> {
    const isThere = this.repositories.get(repository)?.blobs.has(digest) === true;
    return isThere ? (await stat(this.blobPath(digest))).size : undefined;
  }

  openSession(repository: string): string {
    const id = randomUUID();
    this.#sessions.set(id, { repository, size: 0 });
    return id;
  }

  /** Bytes that the session has; `undefined` when there is no such session. */
  sessionSize(repository: string, id: string): number | undefined {
    const session = this.#sessions.get(id);
    return session?.repository === repository ? session.size : undefined;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  dropSession(id: string): void {
    this.#sessions.delete(id);
    rmSync(this.#sessionPath(id), { force: true });
  }

  /** What arrives before `body` breaks is kept. */
  async append(id: string, body: AsyncIterable<Buffer>): Promise<void> {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const path = this.#sessionPath(id);
    const file = await open(path, 'a');
    try {
      for await (const chunk of body) {
        await file.writeFile(chunk);
        session.size += chunk.length;
      }
    } finally {
      await file.close();
    }
    await truncate(path, session.size);
  }

  /** False when the bytes are others; the session is over in either case. */
  async finish(repository: string, id: string, digest: string): Promise<boolean> {
    const path = this.#sessionPath(id);
    if (!existsSync(path)) await (await open(path, 'a')).close();
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
      hash.update(chunk as Buffer);
    const isRight = `sha256:${hash.digest('hex')}` === digest;
    if (isRight) {
      await rename(path, this.blobPath(digest));
      this.repository(repository).blobs.add(digest);
    }
    this.dropSession(id);
    return isRight;
  }

  #sessionPath(id: string): string {
    return join(this.directory, 'uploads', id);
  }
}
