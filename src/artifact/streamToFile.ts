import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

export interface StreamToFileOptions {
  /** Default `w`: what is there is replaced. `wx` fails for it. */
  readonly flags?: 'w' | 'wx';
  /** Permissions of a new file. Default 0o666, less the umask. */
  readonly mode?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes what a source gives to a file. It rejects when the file is closed, so that its caller may remove it, and not before.
 *
 * @throws what the source or the file system threw; AbortError
 *
 * @example
 * await streamToFile(request, '/tmp/upload', { flags: 'wx', mode: 0o600 });
 */
export async function streamToFile(
  source: AsyncIterable<Uint8Array>,
  path: string,
  { flags = 'w', mode = 0o666, signal }: StreamToFileOptions = {},
): Promise<void> {
  const target = createWriteStream(path, { flags, mode });
  try {
    await pipeline(source, target, signal === undefined ? {} : { signal });
  } catch (error) {
    // What is still being opened would make the file after it has been removed.
    if (!target.closed) await new Promise<void>((resolve) => target.once('close', () => resolve()));
    throw error;
  }
}
