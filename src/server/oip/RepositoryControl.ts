import { RunwrightError } from '../../errors/RunwrightError';
import { RequestError } from '../exchange/RequestError';
import type { ModelControl } from '../models/ModelControl';
import { findModel } from '../models/findModel';
import type { ModelTable } from '../models/ModelTable';
import type { ServedModel } from '../models/ServedModel';
import { servedModel, type ModelDefaults, type Served } from '../models/servedModels';

/** Loads and unloads models for clients, one at a time. The handles that it loads are its own to close. */
export class RepositoryControl {
  readonly #loaded = new Set<ServedModel>();
  #last: Promise<unknown> = Promise.resolve();

  /** @param onChange runs when the models have changed */
  constructor(
    private readonly models: ModelTable,
    private readonly source: ModelControl,
    private readonly defaults: ModelDefaults,
    private readonly onChange: () => void,
  ) {}

  /**
   * Loads a model, or loads it again: then the new one takes its place, and the old one finishes what it has.
   *
   * @throws RequestError 400 or 404 for a name that the source does not know; whatever else the source throws
   */
  load(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const model = servedModel(withName(await this.#open(name), name), this.defaults);
      const replaced = this.models
        .list()
        .filter(
          (other) =>
            other.name === name && (other.version ?? model.version) === (model.version ?? other.version),
        );
      for (const other of replaced) this.models.remove(other);
      this.models.add(model);
      this.#loaded.add(model);
      this.onChange();
      await Promise.all(replaced.map((other) => this.#retire(other)));
    });
  }

  /**
   * Takes a model, in all its versions, out of the server; resolves when what it has is done.
   *
   * @throws RequestError 404
   */
  unload(name: string): Promise<void> {
    return this.#inTurn(async () => {
      findModel(this.models, name);
      const gone = this.models.list().filter((model) => model.name === name);
      for (const model of gone) this.models.remove(model);
      this.onChange();
      await Promise.all(gone.map((model) => this.#retire(model)));
    });
  }

  /** Closes what was loaded. */
  async close(): Promise<void> {
    await this.#inTurn(() => Promise.all([...this.#loaded].map((model) => this.#retire(model))));
  }

  async #open(name: string): Promise<Served> {
    try {
      return await this.source.load(name);
    } catch (error) {
      if (!RunwrightError.is(error) || error.kind !== 'data') throw error;
      throw new RequestError(error.code === 'RW_MODEL_NOT_FOUND' ? 404 : 400, error.what, error.hint);
    }
  }

  async #retire(model: ServedModel): Promise<void> {
    await model.close();
    // Other handles are their maker's to close.
    if (this.#loaded.delete(model)) await model.handle.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

function withName(served: Served, name: string): Served {
  return 'handle' in served ? { ...served, name } : { handle: served, name };
}
