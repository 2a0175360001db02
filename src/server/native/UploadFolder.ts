import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { newOwnerId, OWNER_ID } from '../../artifact/ownerId';
import { removeLeftovers } from '../../artifact/removeLeftovers';
import { ioError } from '../../errors/ioError';
import type { Logger } from '../../metadata/contexts';

const FOLDER = new RegExp(`^runwright-uploads\\.(${OWNER_ID})$`);

/** The files of one request. */
export interface Upload {
  /** Absolute path for one more file, in a folder that exists. */
  newFile(): Promise<string>;
  /** Removes them all. No file may come after it, or be open still. */
  end(): void;
}

/** Where a server keeps the files of requests while they run. It is made with the first file. */
export class UploadFolder {
  readonly #parent: string;
  readonly #path: string;
  #cleaned: Promise<void> | undefined;

  constructor(
    parent: string | undefined,
    private readonly logger: Logger,
  ) {
    this.#parent = resolve(parent ?? tmpdir());
    this.#path = join(this.#parent, `runwright-uploads.${newOwnerId()}`);
  }

  begin(): Upload {
    const files: string[] = [];
    return {
      newFile: async () => {
        // A server that was killed could not remove its own.
        await (this.#cleaned ??= removeLeftovers(this.#parent, FOLDER));
        // For each file, as what cleans the temporary files takes a folder that was idle for long.
        await this.#make();
        const file = join(this.#path, randomUUID());
        files.push(file);
        return file;
      },
      end: () => {
        for (const file of files) {
          rm(file, { force: true }).catch((error: unknown) =>
            this.logger.warn(`could not remove ${file}`, error),
          );
        }
      },
    };
  }

  /** Removes the folder. */
  async close(): Promise<void> {
    if (this.#cleaned !== undefined) await rm(this.#path, { recursive: true, force: true });
  }

  async #make(): Promise<void> {
    try {
      await mkdir(this.#path, { mode: 0o700, recursive: true });
    } catch (cause) {
      throw ioError(cause, this.#path, 'make the folder for uploaded files');
    }
  }
}
