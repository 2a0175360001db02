import { Readable } from 'node:stream';
import type { Descriptor } from '../../artifact/Descriptor';
import { digestOf } from '../../artifact/Digest';
import { ANNOTATIONS, MEDIA_TYPES } from '../../artifact/mediaTypes';
import { MAX_MANIFEST_SIZE, parseOciManifest } from '../../artifact/parseOciManifest';
import { formatReference } from '../../artifact/Reference';
import { verifiedChunks } from '../../artifact/verifiedChunks';
import { RunwrightError } from '../../errors/RunwrightError';
import type { BlobOrigin } from '../remote/BlobOrigin';
import type { Commit, ModelEntry, RepositoryName } from '../Registry';
import type { DeferredBlobs } from './DeferredBlobs';
import { formatYaml } from './formatYaml';
import { isForeignManifest } from './isForeignManifest';
import { entryOf, readState, type ModelState } from './ModelState';
import { FORMAT_VERSION, type PackagePointer } from './PackagePointer';
import { placeFiles } from './placeFiles';
import { readPlaced } from './readPlaced';
import { sendPackage, type Shipment } from './sendPackage';
import { updatePointer } from './updatePointer';
import type { VesslModel } from './VesslApi';
import { makeVesslManifest } from './vesslManifest';
import type { BlobPlace, VesslModels } from './VesslModels';
import type { Volume } from './Volume';
import { blobKey, MANIFEST_KEY } from './volumeLayout';

const RUNNER_MANIFEST = 'runwright.json';

/** A blob of the package: with the key where it lies on the volume, or with what it takes to send it. */
interface Part {
  readonly descriptor: Descriptor;
  /** In the package; absent for manifest and config. */
  readonly path: string | undefined;
  readonly key?: string | undefined;
  readonly shipment?: Omit<Shipment, 'descriptor' | 'key'> | undefined;
}

/**
 * Makes a package visible on VESSL. Everything is judged first; then a new number is created, the blobs are sent, then
 * `vessl.manifest.yaml`, and last the pointer. What fails in between leaves a reserved number, or the package that was there.
 */
export class PackageCommit {
  constructor(
    private readonly models: VesslModels,
    private readonly name: RepositoryName,
    private readonly put: DeferredBlobs,
    private readonly reservations: () => ReservedNumbers,
  ) {}

  async run(commit: Commit, signal: AbortSignal): Promise<ModelEntry> {
    const manifest = parseOciManifest(commit.manifest, formatReference(this.name));
    if (commit.number === null) requireExpected(this.name, commit, null);
    if (manifest.artifactType === MEDIA_TYPES.reservation) return this.#reserve(commit);
    if (commit.number !== null) {
      const state = await this.models.state(this.name, commit.number);
      requireExpected(this.name, commit, state.pointer?.digest ?? null);
      return this.#publish(commit, manifest, signal, state);
    }
    return this.#publishNew(commit, manifest, signal);
  }

  async #reserve({ number }: Commit): Promise<ModelEntry> {
    if (number === null) return entryOf(this.name, { model: await this.models.create(this.name) });
    await this.models.state(this.name, number);
    throw this.#invalid(
      'the manifest only reserves a number, and this number is given already',
      'Register a package',
    );
  }

  /** A number that comes to nothing is deleted again, unless the network is why: then the next try goes on under it. */
  async #publishNew(commit: Commit, manifest: OciManifest, signal: AbortSignal): Promise<ModelEntry> {
    const { name, models } = this;
    const reservations = this.reservations();
    const digest = digestOf(commit.manifest);
    const claimed = await reservations.claim(name, digest);
    const earlier = claimed && (await models.platform.api.readModel(name, claimed.number));
    const state = earlier && (await readState(models.platform, name, earlier));
    let reserved = state !== undefined && state.pointer === undefined ? claimed : undefined;
    if (reserved === undefined) await claimed?.forget();
    let isPointed = false;
    const create = async (): Promise<ModelState> => {
      const model = await models.create(name);
      reserved = await reservations.remember(name, digest, model.number);
      return { model, volume: models.platform.volume(name, model) };
    };
    try {
      const before = reserved === undefined ? undefined : state;
      const entry = await this.#publish(commit, manifest, signal, before, create, () => (isPointed = true));
      await reserved?.forget();
      return entry;
    } catch (error) {
      if (reserved === undefined) throw error;
      const isCutOff = RunwrightError.is(error) && error.code === 'RW_REGISTRY_UNAVAILABLE';
      if (isCutOff || isPointed) await reserved.release();
      else {
        // What is left behind when this fails is a reserved number.
        await models.platform.api.deleteModel(name, reserved.number).catch(() => undefined);
        await reserved.forget();
      }
      throw error;
    }
  }

  /**
   * @param before the number that is there already
   * @param create makes one otherwise, once everything has been judged
   * @param onPoint called when from here on the package may become visible
   */
  async #publish(
    commit: Commit,
    manifest: OciManifest,
    signal: AbortSignal,
    before: ModelState | undefined,
    create?: () => Promise<ModelState>,
    onPoint?: () => void,
  ): Promise<ModelEntry> {
    const present = before === undefined ? new Map<string, number>() : await this.#look(before);
    const parts = [
      manifestPart(commit.manifest, before),
      await this.#part(manifest.config, undefined, before, present),
    ];
    for (const layer of manifest.layers) {
      parts.push(await this.#part(layer, layer.annotations?.[ANNOTATIONS.filepath], before, present));
    }
    const runnerManifest = await this.#readRunnerManifest(parts, before);
    refuseAborted(signal, formatReference(this.name));

    const state = before ?? (await create?.());
    if (state === undefined) throw this.#invalid('there is no number to register under', 'Name one');
    await this.#requireWritable(state);
    const keys = await this.#send(parts, state.volume, present, signal);
    const places = parts.map((part, index) => ({ ...part, key: keys[index] ?? '' }));
    const files = new Map(places.flatMap(({ path, key }) => (path === undefined ? [] : [[path, key]])));
    const yaml = Buffer.from(formatYaml({ ...makeVesslManifest(runnerManifest, files) }));
    await state.volume.write(MANIFEST_KEY, yaml, digestOf(yaml), { signal });
    const blobs = Object.fromEntries(places.map(({ descriptor, key }) => [descriptor.digest, key]));
    onPoint?.();
    return this.#point(commit, state, blobs, signal);
  }

  /** Key to size of what lies on the volume of a number. @throws RunwrightError RW_MODEL_CONFLICT (not ours to change) */
  async #look({ model, volume }: ModelState): Promise<Map<string, number>> {
    const found = await volume.read(MANIFEST_KEY);
    if (found !== undefined && (await isForeignManifest(found.bytes.toString()))) {
      throw new RunwrightError('RW_MODEL_CONFLICT', {
        where: volume.where,
        what: 'a model that another tool has registered, such as the Python SDK, lies under this number',
        hint: 'Register without a number to get a new one',
      });
    }
    return this.models.platform.api.listFiles(model.volumeId, volume.where);
  }

  async #requireWritable({ model, volume }: ModelState): Promise<void> {
    if (!(await this.models.platform.api.isReadOnly(model.volumeId, volume.where))) return;
    throw new RunwrightError('RW_REGISTRY_DENIED', {
      where: volume.where,
      what: 'the volume of the model is read-only',
      hint: 'Register under another number, or ask an administrator of the organization',
    });
  }

  async #part(
    descriptor: Descriptor,
    path: string | undefined,
    before: ModelState | undefined,
    present: ReadonlyMap<string, number>,
  ): Promise<Part> {
    const { digest, size } = descriptor;
    const key = before?.pointer?.blobs[digest];
    if (key !== undefined && present.get(key) === size) return { descriptor, path, key };
    const put = this.put.get(digest);
    if (put !== undefined && put.size !== size) {
      throw this.#invalid(
        `the manifest says that the blob ${digest} has ${size} bytes, and it has ${put.size}`,
        'Name every blob with the digest and size that `putFile` and `putBytes` give',
      );
    }
    if (put !== undefined) return { descriptor, path, shipment: { origin: put.origin, ...put.options } };
    const found = await this.put.place(digest);
    if (found !== undefined) return { descriptor, path, shipment: { origin: originOn(found, descriptor) } };
    throw this.#invalid(
      `the manifest names the blob ${digest}, which was not put in and is not in the repository`,
      'Put every blob in before `commit`',
    );
  }

  async #readRunnerManifest(parts: readonly Part[], before: ModelState | undefined): Promise<unknown> {
    const part = parts.find(({ path }) => path === RUNNER_MANIFEST);
    if (part === undefined || part.descriptor.size > MAX_MANIFEST_SIZE) return undefined;
    const where = formatReference(this.name);
    const { descriptor, key, shipment } = part;
    const origin =
      shipment?.origin ?? (before && key ? originOn({ volume: before.volume, key }, descriptor) : undefined);
    if (origin === undefined) return undefined;
    const chunks: Buffer[] = [];
    for await (const chunk of verifiedChunks(await origin.open(0), descriptor, where)) chunks.push(chunk);
    try {
      return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
    } catch {
      throw this.#invalid(`\`${RUNNER_MANIFEST}\` is not JSON`, 'Make the package again');
    }
  }

  /** @returns where each part lies */
  async #send(
    parts: readonly Part[],
    volume: Volume,
    present: ReadonlyMap<string, number>,
    signal: AbortSignal,
  ): Promise<string[]> {
    const placed = placeFiles(
      parts.flatMap(({ path, key }) => (path === undefined || key !== undefined ? [] : [path])),
      present.keys(),
    );
    const shipments: Shipment[] = [];
    for (const { descriptor, path, shipment } of parts) {
      if (shipment === undefined) continue;
      const key = path !== undefined && placed.has(path) ? path : blobKey(descriptor.digest);
      shipments.push({ ...shipment, descriptor, key });
    }
    const sent = (await sendPackage(volume, shipments, present, signal)).values();
    return parts.map(({ key }) => key ?? sent.next().value ?? '');
  }

  async #point(
    commit: Commit,
    state: ModelState,
    blobs: PackagePointer['blobs'],
    signal: AbortSignal,
  ): Promise<ModelEntry> {
    const digest = digestOf(commit.manifest);
    const now = new Date().toISOString();
    const change = (before: PackagePointer | undefined): PackagePointer => {
      requireExpected(this.name, commit, before?.digest ?? null, state.model.number);
      if (before?.digest === digest) return { ...before, blobs: { ...before.blobs, ...blobs } };
      const former = before === undefined ? [] : [{ digest: before.digest, supersededAt: now }];
      return {
        formatVersion: FORMAT_VERSION,
        digest,
        registeredAt: now,
        blobs: { ...before?.blobs, ...blobs },
        history: [...former, ...(before?.history ?? [])],
        aliases: before?.aliases ?? {},
      };
    };
    return entryOf(this.name, await updatePointer(this.models.platform, this.name, state, change, signal));
  }

  #invalid(what: string, hint: string): RunwrightError {
    return new RunwrightError('RW_PACKAGE_INVALID', { where: formatReference(this.name), what, hint });
  }
}

function requireExpected(
  name: RepositoryName,
  { expectedDigest, number }: Commit,
  current: string | null,
  given: number | null = number,
): void {
  if (expectedDigest === undefined || expectedDigest === current) return;
  throw new RunwrightError('RW_MODEL_CONFLICT', {
    where: formatReference({ ...name, number: given ?? undefined }),
    what: `the number points at ${current ?? 'no package'}, where ${expectedDigest ?? 'no package'} was expected`,
    hint: 'Somebody else has registered under it meanwhile: look at their package, then register again',
  });
}

function manifestPart(bytes: Uint8Array): Part {
  const copy = Buffer.from(bytes);
  const descriptor = { mediaType: MEDIA_TYPES.manifest, digest: digestOf(copy), size: copy.byteLength };
  return { descriptor, path: undefined, shipment: { origin: bytesOrigin(copy) } };
}

function bytesOrigin(bytes: Buffer): BlobOrigin {
  return {
    open: (offset) => Promise.resolve(Readable.from([bytes.subarray(offset)], { objectMode: false })),
  };
}

function originOn(place: BlobPlace, descriptor: Descriptor): BlobOrigin {
  return { open: (offset) => readPlaced(place, descriptor, { offset }) };
}
