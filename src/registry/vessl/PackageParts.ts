import { Readable } from 'node:stream';
import type { Descriptor } from '../../artifact/Descriptor';
import { digestOf } from '../../artifact/digestOf';
import { ANNOTATIONS, MEDIA_TYPES } from '../../artifact/mediaTypes';
import { MAX_MANIFEST_SIZE, parseOciManifest } from '../../artifact/parseOciManifest';
import { verifiedChunks } from '../../artifact/verifiedChunks';
import { RunwrightError } from '../../errors/RunwrightError';
import type { DeferredBlobs } from './DeferredBlobs';
import type { ModelState } from './ModelState';
import { placeFiles } from './placeFiles';
import { sendPackage, type Shipment } from './sendPackage';
import type { UnfinishedWork } from './UnfinishedWork';
import { blobKey } from './volumeLayout';

const RUNNER_MANIFEST = 'runwright.json';

/** A blob of a package: with the key where it lies on the volume, or with what it takes to send it. */
interface Part {
  readonly descriptor: Descriptor;
  /** In the package; absent for manifest and config. */
  readonly path: string | undefined;
  readonly key?: string | undefined;
  readonly shipment?: Omit<Shipment, 'descriptor' | 'key'> | undefined;
}

/** A part, and where it lies. */
export interface PlacedPart {
  readonly descriptor: Descriptor;
  readonly path: string | undefined;
  readonly key: string;
}

/** The blobs of a package that is about to be sent to the volume of a number. */
export class PackageParts {
  private constructor(
    private readonly where: string,
    private readonly parts: readonly Part[],
    private readonly before: ModelState | undefined,
    private readonly present: ReadonlyMap<string, number>,
  ) {}

  /**
   * Finds every blob that a manifest names: on the volume, among those that were put, or elsewhere in the repository.
   *
   * @param before what is registered under the number; absent for a new one
   * @param present key to size of what lies on its volume
   * @throws RunwrightError RW_PACKAGE_INVALID (no manifest; a blob is nowhere, or has another size)
   */
  static async gather(
    bytes: Uint8Array,
    put: DeferredBlobs,
    before: ModelState | undefined,
    present: ReadonlyMap<string, number>,
  ): Promise<PackageParts> {
    const { where } = put;
    const { config, layers } = parseOciManifest(bytes, where);
    const find = async (descriptor: Descriptor, path: string | undefined): Promise<Part> => {
      const { digest, size } = descriptor;
      const key = before?.pointer?.blobs[digest];
      if (key !== undefined && present.get(key) === size) return { descriptor, path, key };
      const waiting = put.get(digest);
      if (waiting !== undefined && waiting.size !== size) {
        throw invalid(
          where,
          `the manifest says that the blob ${digest} has ${size} bytes, and it has ${waiting.size}`,
          'Name every blob with the digest and size that `putFile` and `putBytes` give',
        );
      }
      if (waiting !== undefined) {
        return { descriptor, path, shipment: { origin: waiting.origin, ...waiting.options } };
      }
      const origin = await put.stored(descriptor);
      if (origin !== undefined) return { descriptor, path, shipment: { origin } };
      throw invalid(
        where,
        `the manifest names the blob ${digest}, which was not put in and is not in the repository`,
        'Put every blob in before `commit`',
      );
    };
    const parts = [manifestPart(bytes), await find(config, undefined)];
    for (const layer of layers) parts.push(await find(layer, layer.annotations?.[ANNOTATIONS.filepath]));
    return new PackageParts(where, parts, before, present);
  }

  /** `runwright.json`, parsed; `undefined` for a package that Runwright has not packed. */
  async readRunnerManifest(): Promise<unknown> {
    const part = this.parts.find(({ path }) => path === RUNNER_MANIFEST);
    if (part === undefined || part.descriptor.size > MAX_MANIFEST_SIZE) return undefined;
    const { descriptor, key, shipment } = part;
    const stream =
      key === undefined
        ? await shipment?.origin.open(0)
        : Readable.from([(await this.before?.volume.read(key))?.bytes ?? Buffer.alloc(0)]);
    const chunks: Buffer[] = [];
    for await (const chunk of verifiedChunks(stream ?? Readable.from([]), descriptor, this.where)) {
      chunks.push(chunk);
    }
    try {
      return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
    } catch {
      throw invalid(this.where, `\`${RUNNER_MANIFEST}\` is not JSON`, 'Make the package again');
    }
  }

  /** Sends what does not lie there. */
  async send(
    { volume, pointer }: ModelState,
    uploads: UnfinishedWork,
    signal: AbortSignal,
  ): Promise<PlacedPart[]> {
    const unsent = this.parts.filter(({ key }) => key === undefined);
    const placed = placeFiles(
      unsent.flatMap(({ path }) => (path === undefined ? [] : [path])),
      this.present.keys(),
    );
    // What lies at these is part of a package, this one or a former one.
    const taken = new Set(Object.values(pointer?.blobs ?? {}).filter((key) => this.present.has(key)));
    const shipments: Shipment[] = [];
    for (const { descriptor, path, shipment } of unsent) {
      if (shipment === undefined) continue;
      const isFree = path !== undefined && placed.has(path) && !taken.has(path);
      shipments.push({ ...shipment, descriptor, key: isFree ? path : blobKey(descriptor.digest) });
    }
    const sent = (await sendPackage(volume, shipments, this.present, uploads, signal)).values();
    return this.parts.map(({ descriptor, path, key }) => ({
      descriptor,
      path,
      key: key ?? sent.next().value ?? blobKey(descriptor.digest),
    }));
  }
}

function manifestPart(bytes: Uint8Array): Part {
  const copy = Buffer.from(bytes);
  const descriptor = { mediaType: MEDIA_TYPES.manifest, digest: digestOf(copy), size: copy.byteLength };
  const origin = {
    open: (offset: number) => Promise.resolve(Readable.from([copy.subarray(offset)], { objectMode: false })),
  };
  return { descriptor, path: undefined, shipment: { origin } };
}

function invalid(where: string, what: string, hint: string): RunwrightError {
  return new RunwrightError('RW_PACKAGE_INVALID', { where, what, hint });
}
