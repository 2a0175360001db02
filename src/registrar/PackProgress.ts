import type { RegisterProgress } from './RegisterModelOptions';

/**
 * Tells of the bytes of a package on their way into a registry. One that is far away takes files at once and sends them in the
 * background, so that bytes are still under way when everything is packed: they belong to `publish` then.
 */
export class PackProgress {
  #phase: 'pack' | 'publish' = 'pack';
  #bytes = 0;

  constructor(
    private readonly total: number,
    private readonly onProgress: ((progress: RegisterProgress) => void) | undefined,
  ) {
    this.#tell();
  }

  /** For whatever moves the bytes. */
  readonly onBytes = (count: number): void => {
    this.#bytes += count;
    this.#tell();
  };

  /** Everything is packed. */
  publish(): void {
    this.#phase = 'publish';
    if (this.#bytes < this.total) this.#tell();
    else this.onProgress?.({ phase: 'publish' });
  }

  #tell(): void {
    this.onProgress?.({ phase: this.#phase, bytes: this.#bytes, total: this.total });
  }
}
