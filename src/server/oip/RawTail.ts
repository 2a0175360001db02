import { isRecord } from '../../artifact/isRecord';
import type { IssueList } from '../../schema/IssueList';
import type { PathSegment } from '../../schema/formatPath';

/** The raw tensors after the JSON of a request, taken one after another. */
export class RawTail {
  #rest: Buffer;

  constructor(
    bytes: Buffer,
    private readonly issues: IssueList,
  ) {
    this.#rest = bytes;
  }

  /** The bytes that no tensor has taken. */
  get rest(): Buffer {
    return this.#rest;
  }

  /**
   * The bytes of an input.
   *
   * @param path of the input
   * @returns `undefined` when its data is in the JSON, `null` with an issue when it says neither well
   */
  take(
    { parameters, data }: Readonly<Record<string, unknown>>,
    path: readonly PathSegment[],
  ): Buffer | undefined | null {
    if (parameters === undefined || parameters === null) return undefined;
    const place = [...path, 'parameters'];
    if (!isRecord(parameters)) return this.#refuse(place, 'must be an object', parameters);
    const { binary_data_size: size, shared_memory_region: shared } = parameters;
    if (shared !== undefined) return this.#refuse(place, 'must not name shared memory', shared);
    if (size === undefined) return undefined;
    place.push('binary_data_size');
    if (!Number.isSafeInteger(size) || (size as number) < 0) {
      return this.#refuse(place, 'must be an integer that is not negative', size);
    }
    const left = this.#rest.byteLength;
    if ((size as number) > left) {
      const message = `must be within the body, of which ${left} bytes are left after Inference-Header-Content-Length`;
      return this.#refuse(place, message, size);
    }
    const taken = this.#rest.subarray(0, size as number);
    this.#rest = this.#rest.subarray(size as number);
    if (data === undefined) return taken;
    return this.#refuse([...path, 'data'], 'must be absent beside binary_data_size', data);
  }

  #refuse(path: readonly PathSegment[], message: string, received: unknown): null {
    this.issues.add(path, 'binary_data_size', message, received);
    return null;
  }
}
