import { Readable } from 'node:stream';
import type { Descriptor } from '../../artifact/Descriptor';
import { digestOf, type Digest } from '../../artifact/Digest';
import { ANNOTATIONS, MEDIA_TYPES } from '../../artifact/mediaTypes';
import type { OciManifest } from '../../artifact/OciManifest';
import { MAX_MANIFEST_SIZE, parseOciManifest } from '../../artifact/parseOciManifest';
import { formatReference } from '../../artifact/Reference';
import { verifiedChunks } from '../../artifact/verifiedChunks';
import { refuseAborted } from '../../errors/refuseAborted';
import { RunwrightError } from '../../errors/RunwrightError';
import type { BlobOrigin } from '../remote/BlobOrigin';
import type { Commit, ModelEntry, RepositoryName } from '../Registry';
import type { DeferredBlobs } from './DeferredBlobs';
import { formatYaml } from './formatYaml';
import { hasForeignManifest } from './hasForeignManifest';
import { entryOf, readState, type ModelState } from './ModelState';
import { FORMAT_VERSION, type PackagePointer } from './PackagePointer';
import { placeFiles } from './placeFiles';
import { readPlaced } from './readPlaced';
import type { ReservedNumber, ReservedNumbers } from './ReservedNumbers';
import { sendPackage, type Shipment } from './sendPackage';
import { updatePointer } from './updatePointer';
import type { VesslModel } from './VesslApi';
import { makeVesslManifest } from './vesslManifest';
import type { BlobPlace, VesslModels } from './VesslModels';
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

interface PublishSteps {
  /** The number that is there already, whose blobs need not be sent. */
  readonly before: ModelState | undefined;
  /** Gives that one, or makes a new one, once everything has been judged. */
  readonly target: () => Promise<ModelState>;
  /** Called when from here on the package may become visible. */
  readonly onPoint?: () => void;
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
    const { name, models } = this;
    const manifest = parseOciManifest(commit.manifest, formatReference(name));
    const isReservation = manifest.artifactType === MEDIA_TYPES.reservation;
    if (commit.number === null) {
      requireExpected(name, commit, null);
      if (isReservation) return entryOf(name, { model: await models.create(name) });
      return this.#publishNew(commit, manifest, signal);
    }
    const state = await models.state(name, commit.number);
    requireExpected(name, commit, state.pointer?.digest ?? null);
    if (isReservation) {
      throw this.#invalid(
        'the manifest only reserves a number, and this number is given already',
        'Register a package',
      );
    }
    if (await hasForeignManifest(state.volume)) {
      throw new RunwrightError('RW_MODEL_CONFLICT', {
        where: state.volume.where,
        what: 'a model that another tool has registered, such as the Python SDK, lies under this number',
        hint: 'Register without a number to get a new one',
      });
    }
    return this.#publish(commit, manifest, signal, { before: state, target: () => Promise.resolve(state) });
  }

  /**
   * Under the number of an earlier try at the same package, else under a new one. A new one that comes to nothing is deleted
   * again, unless the network is why: then the next try goes on where this one stopped.
   */
  async #publishNew(commit: Commit, manifest: OciManifest, signal: AbortSignal): Promise<ModelEntry> {
    const { name, models } = this;
    const reservations = this.reservations();
    const digest = digestOf(commit.manifest);
    const before = await this.#claim(reservations, digest);
    let reserved = before?.reserved;
    let created: VesslModel | undefined;
    let isPointed = false;
    const target = async (): Promise<ModelState> => {
      if (before !== undefined) return before.state;
      created = await models.create(name);
      reserved = await reservations.remember(name, digest, created.number);
      return { model: created, volume: models.platform.volume(name, created) };
    };
    const onPoint = (): void => {
      isPointed = true;
    };
    try {
      const entry = await this.#publish(commit, manifest, signal, { before: before?.state, target, onPoint });
      await reserved?.forget();
      return entry;
    } catch (error) {
      const isCutOff = RunwrightError.is(error) && error.code === 'RW_REGISTRY_UNAVAILABLE';
      if (created === undefined || isCutOff || isPointed) await reserved?.release();
      else {
        // What is left behind when this fails is a reserved number.
        await models.platform.api.deleteModel(name, created.number).catch(() => undefined);
        await reserved?.forget();
      }
      throw error;
    }
  }

  async #claim(
    reservations: ReservedNumbers,
    digest: Digest,
  ): Promise<{ readonly reserved: ReservedNumber; readonly state: ModelState } | undefined> {
    const { name, models } = this;
    const reserved = await reservations.claim(name, digest);
    if (reserved === undefined) return undefined;
    const model = await models.platform.api.readModel(name, reserved.number);
    const state = model && (await readState(models.platform, name, model));
    if (state !== undefined && state.pointer === undefined && !(await hasForeignManifest(state.volume))) {
      return { reserved, state };
    }
    await reserved.forget();
    return undefined;
  }

  async #publish(
    commit: Commit,
    manifest: OciManifest,
    signal: AbortSignal,
    { before, target, onPoint }: PublishSteps,
  ): Promise<ModelEntry> {
    const { api } = this.models.platform;
    const present =
      before === undefined
        ? new Map<string, number>()
        : await api.listFiles(before.model.volumeId, before.volume.where);
    const parts = [
      manifestPart(commit.manifest),
      await this.#part(manifest.config, undefined, before, present),
    ];
    for (const layer of manifest.layers) {
      parts.push(await this.#part(layer, layer.annotations?.[ANNOTATIONS.filepath], before, present));
    }
    const runnerManifest = await this.#readRunnerManifest(parts, before);
    refuseAborted(signal, formatReference(this.name));

    const state = await target();
    await this.#requireWritable(state);
    const keys = await this.#send(parts, state, present, signal);
    const places = parts.map((part, index) => ({ ...part, key: keys[index] ?? '' }));
    const files = places.flatMap(({ path, key }) => (path === undefined ? [] : [[path, key] as const]));
    const yaml = Buffer.from(formatYaml({ ...makeVesslManifest(runnerManifest, new Map(files)) }));
    await state.volume.write(MANIFEST_KEY, yaml, digestOf(yaml), { signal });
    const blobs = Object.fromEntries(places.map(({ descriptor, key }) => [descriptor.digest, key]));
    onPoint?.();
    return this.#point(commit, state, blobs, signal);
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
    if (found !== undefined) return { descriptor, path, shipment: { origin: originAt(found, descriptor) } };
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
      shipment?.origin ?? (before && key ? originAt({ volume: before.volume, key }, descriptor) : undefined);
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
    { volume, pointer }: ModelState,
    present: ReadonlyMap<string, number>,
    signal: AbortSignal,
  ): Promise<string[]> {
    const unsent = parts.filter(({ key }) => key === undefined);
    const placed = placeFiles(
      unsent.flatMap(({ path }) => (path === undefined ? [] : [path])),
      present.keys(),
    );
    // What lies there is part of a package, this one or a former one.
    const taken = new Set(Object.values(pointer?.blobs ?? {}));
    const shipments: Shipment[] = [];
    for (const { descriptor, path, shipment } of unsent) {
      if (shipment === undefined) continue;
      const isFree = path !== undefined && placed.has(path) && !(present.has(path) && taken.has(path));
      shipments.push({ ...shipment, descriptor, key: isFree ? path : blobKey(descriptor.digest) });
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

function originAt(place: BlobPlace, descriptor: Descriptor): BlobOrigin {
  return { open: (offset) => readPlaced(place, descriptor, { offset }) };
}
