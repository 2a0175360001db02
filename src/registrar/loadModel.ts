import { checkOptions } from '../errors/checkOptions';
import type { ExecutionOptions } from '../execution/ExecutionOptions';
import type { RunnerHandle } from '../lifecycle/RunnerHandle';
import type { LoadOptions } from './loadPackage';
import type { RegistryOptions } from './RegistryOptions';
import { resolveModel } from './resolveModel';

export interface LoadModelOptions extends RegistryOptions, LoadOptions, ExecutionOptions {}

/**
 * Pulls a model out of a registry, checks every byte of it, and loads it: in this thread, or in workers (`execution`).
 *
 * @param reference `[organization/]repository[:number|:alias][@sha256:hex]`; no number means the newest servable one. Or a URL,
 *   which names its registry too: `oci://host[:port][/prefix]/organization/repository[:...][@...]`, `vessl://organization/repository[:number]`
 * @throws RunwrightError RW_REFERENCE_INVALID, RW_MODEL_NOT_FOUND, RW_MODEL_NOT_SERVABLE, RW_PACKAGE_INVALID,
 *   RW_PACKAGE_CORRUPT, RW_PACKAGE_INCOMPATIBLE, RW_REQUIREMENT_INSTALL, RW_STAGE_FAILED (`@Load`), RW_OPTION_INVALID, RW_WORKER_FAILED,
 *   RW_REGISTRY_UNAVAILABLE, RW_REGISTRY_DENIED, RW_IO
 * @example
 * const handle = await loadModel('iris');
 * await handle.run({ sepalLength: 5.1, sepalWidth: 3.5, petalLength: 1.4, petalWidth: 0.2 });
 * @example
 * // Pinned by its digest it is loaded out of the cache, without asking the registry, once it has been fetched.
 * await loadModel('oci://ghcr.io/models/acme/iris@sha256:...');
 */
export async function loadModel<I = unknown, O = unknown>(
  reference: string,
  options: LoadModelOptions = {},
): Promise<RunnerHandle<I, O>> {
  checkOptions<LoadModelOptions>('loadModel', options, {
    registry: 'any',
    organizationName: 'string',
    cache: 'string',
    allowScripts: 'strings',
    logger: 'object',
    warmUp: 'list',
    signal: 'signal',
    onProgress: 'function',
    execution: 'any',
    workers: 'any',
    threads: 'any',
    memoryLimit: 'any',
    deadlineGrace: 'any',
    workerStdout: 'any',
  });
  // What only this call needs waits for it: most who import the root entry define runners, and load nothing.
  const { planExecution } = await import('../execution/planExecution.js');
  const plan = planExecution('loadModel', options);
  const { registry, resolved, reference: where } = await resolveModel(reference, options);
  const source = { manifest: resolved.manifest, blobs: registry.blobs(resolved), where };
  const { organization, repository, entry, digest } = resolved;
  const number = entry?.digest === digest ? entry.number : undefined;
  const model = { organization, repository, ...(number !== undefined && { number }), digest };
  const { loadPackage } = await import('./loadPackage.js');
  // A runner made of other models loads them by the same call.
  return loadPackage<I, O>(source, { ...options, model }, plan, loadModel);
}
