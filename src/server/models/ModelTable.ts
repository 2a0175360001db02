import { RunwrightError } from '../../errors/RunwrightError';
import type { ServedModel } from './ServedModel';

/** The models of a server by name and version. */
export class ModelTable {
  readonly #models = new Map<string, ServedModel[]>();

  /** @throws RunwrightError RW_OPTION_INVALID when the name is taken, with this version or without any */
  add(model: ServedModel): void {
    const { name, version } = model;
    const same = this.#models.get(name) ?? [];
    const clash = same.find(
      (other) => other.version === version || version === undefined || other.version === undefined,
    );
    if (clash !== undefined) {
      throw new RunwrightError('RW_OPTION_INVALID', {
        where: 'createServer',
        what: `two models have the name "${name}"${version === undefined || clash.version === undefined ? ', and not both a version' : ` and the version ${version}`}`,
        hint: 'Give each { handle, name } or { handle, version } of its own',
      });
    }
    // The newest first: it answers for the name alone.
    this.#models.set(
      name,
      [...same, model].sort((a, b) => Number(b.version) - Number(a.version)),
    );
  }

  remove({ name, version }: ServedModel): void {
    const rest = (this.#models.get(name) ?? []).filter((other) => other.version !== version);
    if (rest.length === 0) this.#models.delete(name);
    else this.#models.set(name, rest);
  }

  /** Without a version, the newest one. */
  find(name: string, version?: string): ServedModel | undefined {
    const versions = this.#models.get(name);
    return version === undefined ? versions?.[0] : versions?.find((model) => model.version === version);
  }

  /** The one model, when there is only one. */
  get only(): ServedModel | undefined {
    const [first, second] = this.list();
    return second === undefined ? first : undefined;
  }

  /** True when there are models, and all of them take input. */
  get ready(): boolean {
    const models = this.list();
    return models.length > 0 && models.every(({ ready }) => ready);
  }

  list(): readonly ServedModel[] {
    return [...this.#models.values()].flat();
  }
}
