import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Descriptor } from '../../artifact/Descriptor';
import { hexOf } from '../../artifact/Digest';
import { digestOf } from '../../artifact/digestOf';
import { RunwrightError } from '../../errors/RunwrightError';
import { aborted } from '../http/aborted';
import { waitBefore } from '../http/RetryPolicy';
import { escapeXml, unescapeXml } from './escapeXml';
import { listParts } from './listParts';
import type { Unfinished, UnfinishedWork } from './UnfinishedWork';
import { DIGEST_HEADER, type S3Request, type Volume, type WriteCondition } from './Volume';

/** Errors that pass; S3 answers Complete with them in the body of a 200 too. */
const PASSING = new Set(['InternalError', 'SlowDown', 'ServiceUnavailable', 'RequestTimeout']);

export interface UploadTarget {
  readonly volume: Volume;
  readonly key: string;
  readonly descriptor: Descriptor;
  readonly signal?: AbortSignal | undefined;
}

/**
 * An object that is sent in parts, https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html. It goes on
 * where a process that was killed or cut off has stopped.
 */
export class MultipartUpload {
  readonly #etags: string[] = [];

  private constructor(
    private readonly target: UploadTarget,
    private readonly unfinished: Unfinished,
    /** By number from 1: what an earlier try has sent. */
    private readonly present: ReadonlyMap<number, string>,
  ) {}

  static async open(target: UploadTarget, work: UnfinishedWork): Promise<MultipartUpload> {
    const { volume, key, descriptor, signal } = target;
    const purpose = `${descriptor.digest} ${volume.where} ${key}`;
    const left = await work.claim(purpose);
    if (left !== undefined) {
      const present = await listParts(volume, key, left.note, signal).catch(async (error: unknown) => {
        if (isDefinite(error)) return undefined;
        await left.release();
        throw error;
      });
      const upload = new MultipartUpload(target, left, present ?? new Map<number, string>());
      if (present !== undefined) return upload;
      await upload.abort();
    }
    const headers = { [DIGEST_HEADER]: descriptor.digest };
    const query = { uploads: '' };
    const { body } = await volume.send({ method: 'POST', key, query, headers, accept: [200], signal });
    const id = /<UploadId>([^<]+)<\/UploadId>/.exec(body.toString())?.[1];
    if (id === undefined) throw notTaken(target, 'it gives no id for an upload in parts');
    return new MultipartUpload(target, await work.remember(purpose, unescapeXml(id)), new Map());
  }

  /** @param index from 0 */
  async send(index: number, bytes: Buffer, options: Pick<S3Request, 'signal' | 'onBytes'>): Promise<void> {
    const { volume, key } = this.target;
    const present = this.present.get(index + 1);
    if (present !== undefined && isMd5Of(present, bytes)) {
      this.#etags[index] = present;
      options.onBytes?.(bytes.length);
      return;
    }
    const query = { uploadId: this.unfinished.note, partNumber: String(index + 1) };
    const sha256 = hexOf(digestOf(bytes));
    const sent = await volume.send({
      ...options,
      method: 'PUT',
      key,
      query,
      body: bytes,
      sha256,
      accept: [200],
    });
    if (sent.headers.etag === undefined) throw notTaken(this.target, 'it gives no ETag for a part');
    this.#etags[index] = sent.headers.etag;
  }

  /** @returns false when the condition does not hold, and something else lies there */
  async complete(condition: WriteCondition | undefined): Promise<boolean> {
    const { volume, key, descriptor, signal } = this.target;
    const isThere = (): Promise<boolean> => volume.holds(key, descriptor, signal);
    try {
      if (await this.#complete(condition)) return true;
    } catch (error) {
      // The answer may have got lost on its way: what it was about is there all the same.
      if (signal?.aborted || !(await isThere().catch(() => false))) throw error;
      return true;
    }
    return isThere();
  }

  /** The object is there. */
  async forget(): Promise<void> {
    await this.unfinished.forget();
  }

  /** What has been sent stays for the next one to go on with. */
  async release(): Promise<void> {
    await this.unfinished.release();
  }

  /** Takes away what has been sent; when that fails, the next one tries. */
  async abort(): Promise<void> {
    const { volume, key } = this.target;
    const query = { uploadId: this.unfinished.note };
    const ended = await volume.send({ method: 'DELETE', key, query, accept: [200, 204, 404] }).then(
      () => true,
      () => false,
    );
    if (ended) await this.forget();
    else await this.release();
  }

  async #complete(condition: WriteCondition | undefined): Promise<boolean> {
    const { volume, key, signal } = this.target;
    const parts = this.#etags.map(
      (etag, index) => `<Part><ETag>${escapeXml(etag)}</ETag><PartNumber>${index + 1}</PartNumber></Part>`,
    );
    const body = Buffer.from(
      `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`,
    );
    const query = { uploadId: this.unfinished.note };
    const sha256 = hexOf(digestOf(body));
    for (let tried = 1; ; tried += 1) {
      const answer = await volume.conditionally(
        // 404: an earlier try has been obeyed, or the upload has gone.
        { method: 'POST', key, query, body, sha256, accept: [200, 404], signal },
        condition,
      );
      if (answer === undefined) return false;
      const text = answer.body.toString();
      if (text.includes('<CompleteMultipartUploadResult')) return true;
      const code = /<Code>(\w{1,64})<\/Code>/.exec(text)?.[1];
      if (code === 'NoSuchUpload') return false;
      const isPassing = code !== undefined && PASSING.has(code);
      const wait = isPassing ? waitBefore(volume.retry, tried, undefined) : undefined;
      if (wait === undefined) {
        const fault = code ?? 'it does not say that the parts are put together';
        throw notTaken(this.target, fault, isPassing ? 'RW_REGISTRY_UNAVAILABLE' : 'RW_REGISTRY_ANSWER');
      }
      await delay(wait, undefined, signal && { signal }).catch(() => {
        throw aborted(volume.where, signal);
      });
    }
  }
}

/** Whether asking again would bring the same. */
function isDefinite(error: unknown): boolean {
  return (
    RunwrightError.is(error) && (error.code === 'RW_REGISTRY_DENIED' || error.code === 'RW_REGISTRY_ANSWER')
  );
}

/** Other stores, and keys of a store's own, give other ETags: such a part is sent again. */
function isMd5Of(etag: string, bytes: Buffer): boolean {
  return etag.replace(/"/g, '') === createHash('md5').update(bytes).digest('hex');
}

function notTaken(
  { volume, key }: UploadTarget,
  fault: string,
  code: 'RW_REGISTRY_ANSWER' | 'RW_REGISTRY_UNAVAILABLE' = 'RW_REGISTRY_ANSWER',
): RunwrightError {
  return new RunwrightError(code, {
    where: volume.where,
    what: `the object store of the model does not take ${key}: ${fault}`,
    hint: 'Try again; if it stays so, ask whoever runs the store',
  });
}
