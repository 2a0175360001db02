import { Readable } from 'node:stream';
import type { PutOptions } from '../../artifact/BlobSink';
import type { BlobSource } from '../../artifact/BlobSource';
import { corruptBlob } from '../../artifact/corruptBlob';
import type { Descriptor } from '../../artifact/Descriptor';
import { RunwrightError } from '../../errors/RunwrightError';
import type { RetryPolicy } from '../http/RetryPolicy';
import { behind } from '../remote/behind';
import type { BlobOrigin } from '../remote/BlobOrigin';
import { CachedBlobs } from '../remote/CachedBlobs';
import type { ReadOptions, RemoteBlobs } from '../remote/RemoteBlobs';
import { BlobUpload } from './BlobUpload';
import type { OciRepository } from './OciRepository';
import type { UploadSessions } from './UploadSessions';

export interface OciBlobsOptions {
  readonly sessions: UploadSessions;
  readonly retry: RetryPolicy;
  /** Bytes to send at once; the whole blob by default, which is quicker. */
  readonly chunkSize?: number | undefined;
}

/** The blobs of a repository of an OCI registry. */
export class OciBlobs implements RemoteBlobs {
  constructor(
    readonly repository: OciRepository,
    private readonly options: OciBlobsOptions,
  ) {}

  async has({ digest, size }: Descriptor, signal?: AbortSignal): Promise<boolean> {
    const { status, headers } = await this.repository.http.send(
      this.repository.request('HEAD', `blobs/${digest}`, { accept: [200, 404], signal }),
    );
    const length = headers['content-length'];
    return status === 200 && (length === undefined || Number(length) === size);
  }

  async read(descriptor: Descriptor, { offset = 0, signal }: ReadOptions = {}): Promise<Readable> {
    const { digest, size } = descriptor;
    const { where, http } = this.repository;
    if (offset > 0 && offset >= size) return Readable.from([]);
    const { status, headers, stream } = await http.download(
      this.repository.request('GET', `blobs/${digest}`, {
        headers: offset === 0 ? {} : { range: `bytes=${offset}-` },
        accept: [200, 206, 404],
        signal,
      }),
    );
    // A server need not know ranges.
    if (status === 200)
      return offset === 0 ? stream : Readable.from(behind(stream, offset), { objectMode: false });
    if (status === 206 && headers['content-range']?.startsWith(`bytes ${offset}-`) === true) return stream;
    stream.destroy();
    if (status === 404) throw corruptBlob(where, descriptor, 'the registry has no such blob');
    throw new RunwrightError('RW_REGISTRY_ANSWER', {
      where: `${where} (${digest})`,
      what: `the bytes from ${offset} on were asked for, and the registry gives others`,
      hint: 'Something between here and the registry answers instead of it: look at proxies and caches',
    });
  }

  async write(descriptor: Descriptor, origin: BlobOrigin, options: PutOptions = {}): Promise<void> {
    const from = this.#mountable(origin.source);
    const { repository } = this;
    await new BlobUpload(this, descriptor, origin, { ...this.options, ...options, repository, from }).run();
  }

  /** The repository of the same registry that a blob comes out of: then it need not be sent. */
  #mountable(source: BlobSource | undefined): OciRepository | undefined {
    const remote = source instanceof CachedBlobs ? source.remote : undefined;
    if (!(remote instanceof OciBlobs)) return undefined;
    const { origin, path } = remote.repository;
    const isOther = origin.origin === this.repository.origin.origin && path !== this.repository.path;
    return isOther ? remote.repository : undefined;
  }
}
