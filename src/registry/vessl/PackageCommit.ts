import { digestOf } from '../../artifact/digestOf';
import { MEDIA_TYPES } from '../../artifact/mediaTypes';
import { parseOciManifest } from '../../artifact/parseOciManifest';
import { formatReference } from '../../artifact/Reference';
import { refuseAborted } from '../../errors/refuseAborted';
import { RunwrightError } from '../../errors/RunwrightError';
import type { Commit, ModelEntry, RepositoryName } from '../Registry';
import type { DeferredBlobs } from './DeferredBlobs';
import { formatYaml } from './formatYaml';
import { hasForeignManifest } from './hasForeignManifest';
import { entryOf, type ModelState } from './ModelState';
import { NewNumber } from './NewNumber';
import { PackageParts, type PlacedPart } from './PackageParts';
import { FORMAT_VERSION, type PackagePointer } from './PackagePointer';
import { ReservedNumbers } from './ReservedNumbers';
import { UnfinishedWork } from './UnfinishedWork';
import { updatePointer } from './updatePointer';
import { makeVesslManifest } from './vesslManifest';
import type { VesslModels } from './VesslModels';
import { MANIFEST_KEY } from './volumeLayout';

/** Gives the number to fill, once everything has been judged. */
interface Target {
  /** What is there already. */
  readonly before?: ModelState | undefined;
  open(): Promise<ModelState>;
}

/**
 * Makes a package visible on VESSL. Everything is judged first; then a new number is created, the blobs are sent, then
 * `vessl.manifest.yaml`, and last the pointer. What fails in between leaves the package that was there.
 */
export class PackageCommit {
  constructor(
    private readonly models: VesslModels,
    private readonly name: RepositoryName,
    private readonly put: DeferredBlobs,
    /** Where it is remembered what has been begun. */
    private readonly folder: (name: 'reserved' | 'uploads') => string,
  ) {}

  async run(commit: Commit, signal: AbortSignal): Promise<ModelEntry> {
    const { name, models } = this;
    const { artifactType } = parseOciManifest(commit.manifest, formatReference(name));
    const isReservation = artifactType === MEDIA_TYPES.reservation;
    if (commit.number === null) {
      requireExpected(name, commit, undefined);
      if (isReservation) return entryOf(name, { model: await models.create(name) });
      return this.#publishNew(commit, signal);
    }
    const state = await models.state(name, commit.number);
    requireExpected(name, commit, state.pointer);
    if (isReservation) {
      throw new RunwrightError('RW_PACKAGE_INVALID', {
        where: state.volume.where,
        what: 'the manifest only reserves a number, and this number is given already',
        hint: 'Register a package',
      });
    }
    if (await hasForeignManifest(state.volume)) {
      throw new RunwrightError('RW_MODEL_CONFLICT', {
        where: state.volume.where,
        what: 'a model that another tool has registered, such as the Python SDK, lies under this number',
        hint: 'Register without a number to get a new one',
      });
    }
    return this.#publish(commit, signal, { before: state, open: () => Promise.resolve(state) });
  }

  async #publishNew(commit: Commit, signal: AbortSignal): Promise<ModelEntry> {
    const number = await NewNumber.find({
      models: this.models,
      name: this.name,
      digest: digestOf(commit.manifest),
      reservations: new ReservedNumbers(this.folder('reserved')),
    });
    let isVisible = false;
    try {
      const entry = await this.#publish(commit, signal, number, () => (isVisible = true));
      await number.keep();
      return entry;
    } catch (error) {
      await number.giveUp(error, isVisible);
      throw error;
    }
  }

  /** @param onPoint called when from here on the package may become visible */
  async #publish(
    commit: Commit,
    signal: AbortSignal,
    target: Target,
    onPoint?: () => void,
  ): Promise<ModelEntry> {
    const { before } = target;
    const present =
      before === undefined
        ? new Map<string, number>()
        : await this.models.platform.api.listFiles(before.model.volumeId, before.volume.where);
    const parts = await PackageParts.gather(commit.manifest, this.put, before, present);
    const runnerManifest = await parts.readRunnerManifest();
    refuseAborted(signal, formatReference(this.name));

    const state = await target.open();
    await this.#requireWritable(state);
    const placed = await parts.send(state, new UnfinishedWork(this.folder('uploads')), signal);
    const files = placed.flatMap(({ path, key }) => (path === undefined ? [] : [[path, key] as const]));
    const yaml = Buffer.from(formatYaml({ ...makeVesslManifest(runnerManifest, new Map(files)) }));
    await state.volume.write(MANIFEST_KEY, yaml, digestOf(yaml), { signal });
    onPoint?.();
    return this.#point(commit, state, placed, signal);
  }

  async #requireWritable({ model, volume }: ModelState): Promise<void> {
    if (!(await this.models.platform.api.isReadOnly(model.volumeId, volume.where))) return;
    throw new RunwrightError('RW_REGISTRY_DENIED', {
      where: volume.where,
      what: 'the volume of the model is read-only',
      hint: 'Register under another number, or ask an administrator of the organization',
    });
  }

  async #point(
    commit: Commit,
    state: ModelState,
    placed: readonly PlacedPart[],
    signal: AbortSignal,
  ): Promise<ModelEntry> {
    const digest = digestOf(commit.manifest);
    const blobs = Object.fromEntries(placed.map(({ descriptor, key }) => [descriptor.digest, key]));
    const now = new Date().toISOString();
    const change = (before: PackagePointer | undefined): PackagePointer => {
      requireExpected(this.name, commit, before);
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
}

function requireExpected(
  name: RepositoryName,
  { expectedDigest, number }: Commit,
  pointer: PackagePointer | undefined,
): void {
  const current = pointer?.digest ?? null;
  if (expectedDigest === undefined || expectedDigest === current) return;
  throw new RunwrightError('RW_MODEL_CONFLICT', {
    where: formatReference({ ...name, number: number ?? undefined }),
    what: `the number points at ${current ?? 'no package'}, where ${expectedDigest ?? 'no package'} was expected`,
    hint: 'Somebody else has registered under it meanwhile: look at their package, then register again',
  });
}
