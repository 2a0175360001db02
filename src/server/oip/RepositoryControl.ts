import { RunwrightError } from '../../errors/RunwrightError';
import type { RunnerHandle } from '../../lifecycle/RunnerHandle';
import { RequestError } from '../exchange/RequestError';
import type { ModelControl } from '../models/ModelControl';
import { findModel } from '../models/findModel';
import type { ModelTable } from '../models/ModelTable';
import type { ServedModel } from '../models/ServedModel';
import { servedModel, type ModelDefaults, type Served } from '../models/servedModels';

/** Loads and unloads models for clients, one at a time; the old ones finish beside that. The handles that it loads are its own to close. */
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
   * @throws RequestError 400 or 404 for a name that the source does not know, the reason is logged; whatever else the source throws
   */
  async load(name: string): Promise<void> {
    const replaced = await this.#inTurn(async () => {
      const model = await this.#open(name);
      const replaced = this.models
        .list()
        .filter(
          (other) =>
            other.name === name && (other.version ?? model.version) === (model.version ?? other.version),
        );
      for (const other of replaced) this.models.remove(other);
      this.models.add(model);
      this.#loaded.add(model);
      // For requests that are still arriving.
      for (const other of replaced) other.replaceBy(model);
      this.onChange();
      return replaced;
    });
    await this.#retire(replaced);
  }

  /**
   * Takes a model, in all its versions, out of the server; resolves when what it has is done.
   *
   * @throws RequestError 404
   */
  async unload(name: string): Promise<void> {
    const gone = await this.#inTurn(() => {
      findModel(this.models, name);
      const gone = this.models.list().filter((model) => model.name === name);
      for (const model of gone) this.models.remove(model);
      this.onChange();
      return gone;
    });
    await this.#retire(gone);
  }

  /** Closes what was loaded. */
  async close(): Promise<void> {
    await this.#inTurn(() => undefined);
    await this.#retire([...this.#loaded]);
  }

  async #open(name: string): Promise<ServedModel> {
    const served = await this.#ask(name);
    try {
      return servedModel(withName(served, name), this.defaults);
    } catch (error) {
      const handle = handleOf(served);
      const isServed = this.models.list().some((model) => model.handle === handle);
      if (!isServed) await handle?.close();
      throw error;
    }
  }

  async #ask(name: string): Promise<Served> {
    try {
      return await this.source.load(name);
    } catch (error) {
      if (!RunwrightError.is(error) || error.kind !== 'data') throw error;
      // It is about the name that the client gave, and nothing else.
      if (error.code === 'RW_REFERENCE_INVALID') throw new RequestError(400, error.what, error.hint);
      // The message names paths and models of the source, which are no client's business.
      this.defaults.logger.warn(`a client could not load "${name}"`, error);
      if (error.code === 'RW_MODEL_NOT_FOUND') {
        throw new RequestError(404, 'there is no such model to load', 'Check its name');
      }
      throw new RequestError(
        400,
        'this model cannot be loaded',
        'Check its name; the log of the server says why',
      );
    }
  }

  /** Not in turn: what a model has may take for ever, and that is no reason to keep the others waiting. */
  async #retire(models: readonly ServedModel[]): Promise<void> {
    await Promise.all(
      models.map(async (model) => {
        await model.close();
        // Other handles are their maker's to close.
        if (!this.#loaded.has(model)) return;
        await model.handle.close().finally(() => this.#loaded.delete(model));
      }),
    );
  }

  #inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

function withName(served: Served, name: string): Served {
  return 'handle' in served ? { ...served, name } : { handle: served, name };
}

/** Of whatever a program without types gave. */
function handleOf(served: Served | undefined): RunnerHandle | undefined {
  const handle = served && 'handle' in served ? served.handle : served;
  return typeof handle?.close === 'function' ? handle : undefined;
}
