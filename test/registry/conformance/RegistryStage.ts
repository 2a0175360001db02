import type { Digest } from '../../../src/artifact/Digest';
import type { ModelEntry, Registry, RepositoryName, ResolvedModel } from '../../../src/registry/Registry';
import { parseReference } from '../../../src/artifact/Reference';

/** An empty registry for one test. */
export interface RegistryStage {
  /**
   * One more registry object on the same place, as another process would have it: it shares nothing in memory or on disk with
   * those before. Its default organization is `acme`.
   */
  open(): Registry;
  /** Puts packages under the numbers 1 to `count` of a repository that is empty, quicker than publishing them. */
  seed?(name: RepositoryName, count: number): Promise<void>;
  /** Removes it all. */
  remove(): Promise<void>;
}

/** What a driver is known to do otherwise; its document says why. Everything else is the same everywhere. */
export interface RegistryFeatures {
  /** One registry holds any number of organizations. */
  readonly organizations: boolean;
  /** Numbers are given without gaps, whoever else is at work. */
  readonly gapless: boolean;
}

export const ALL_FEATURES: RegistryFeatures = { organizations: true, gapless: true };

/** What the parts of the suite are given. */
export interface Conformance {
  /** A stage of the running test. */
  stage(): RegistryStage;
  readonly features: RegistryFeatures;
}

export const IRIS: RepositoryName = { organization: 'acme', repository: 'iris' };
export const ABSENT: Digest = `sha256:${'0'.repeat(64)}`;

export function resolveText(registry: Registry, reference: string): Promise<ResolvedModel> {
  return registry.resolve(parseReference(reference));
}

export function numbersOf(models: readonly ModelEntry[]): number[] {
  return models.map(({ number }) => number);
}

/** How something ended: its code, or `done`. */
export function outcomeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}
