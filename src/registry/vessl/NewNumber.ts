import type { Digest } from '../../artifact/Digest';
import { RunwrightError } from '../../errors/RunwrightError';
import type { RepositoryName } from '../Registry';
import { hasForeignManifest } from './hasForeignManifest';
import { readState, type ModelState } from './ModelState';
import type { ReservedNumber, ReservedNumbers } from './ReservedNumbers';
import type { VesslModel } from './VesslApi';
import type { VesslModels } from './VesslModels';

export interface NewNumberOptions {
  readonly models: VesslModels;
  readonly name: RepositoryName;
  /** Of the package that it is for. */
  readonly digest: Digest;
  readonly reservations: ReservedNumbers;
}

/**
 * The number of a package that has none: that of an earlier try which was cut off, else one that is created once it is needed.
 */
export class NewNumber {
  #created: VesslModel | undefined;
  #reserved: ReservedNumber | undefined;

  private constructor(
    private readonly options: NewNumberOptions,
    /** Of the earlier try: what it has sent need not be sent again. */
    readonly before: ModelState | undefined,
    reserved: ReservedNumber | undefined,
  ) {
    this.#reserved = reserved;
  }

  static async find(options: NewNumberOptions): Promise<NewNumber> {
    const { models, name, digest, reservations } = options;
    const reserved = await reservations.claim(name, digest);
    if (reserved === undefined) return new NewNumber(options, undefined, undefined);
    const model = await models.platform.api.readModel(name, reserved.number);
    const state = model && (await readState(models.platform, name, model));
    if (state !== undefined && state.pointer === undefined && !(await hasForeignManifest(state.volume))) {
      return new NewNumber(options, state, reserved);
    }
    await reserved.forget();
    return new NewNumber(options, undefined, undefined);
  }

  async open(): Promise<ModelState> {
    if (this.before !== undefined) return this.before;
    const { models, name, digest, reservations } = this.options;
    this.#created = await models.create(name);
    this.#reserved = await reservations.remember(name, digest, this.#created.number);
    return { model: this.#created, volume: models.platform.volume(name, this.#created) };
  }

  /** The package is there. */
  async keep(): Promise<void> {
    await this.#reserved?.forget();
  }

  /**
   * One that came to nothing is deleted again, unless the network is why: then the next try goes on where this one stopped.
   * What anybody has registered under it stays.
   *
   * @param isVisible whether the package may be there in spite of the failure
   */
  async giveUp(error: unknown, isVisible: boolean): Promise<void> {
    const isCutOff = RunwrightError.is(error) && error.code === 'RW_REGISTRY_UNAVAILABLE';
    if (this.#created === undefined || isCutOff || isVisible || !(await this.#isEmpty(this.#created))) {
      await this.#reserved?.release();
      return;
    }
    const { models, name } = this.options;
    // What stays behind when this fails is a reserved number.
    await models.platform.api.deleteModel(name, this.#created.number).catch(() => undefined);
    await this.#reserved?.forget();
  }

  /** Who cannot look must not delete. */
  async #isEmpty(model: VesslModel): Promise<boolean> {
    const { models, name } = this.options;
    try {
      const { volume, pointer } = await readState(models.platform, name, model);
      if (pointer !== undefined) return false;
      return !((await volume.isReachable()) && (await hasForeignManifest(volume)));
    } catch {
      return false;
    }
  }
}
