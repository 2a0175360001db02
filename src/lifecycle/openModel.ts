import { availableParallelism } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { RunwrightError } from '../errors/RunwrightError';
import type { Artifacts, LoadContext, Logger } from '../metadata/contexts';
import type { ModelClasses } from '../models/value/ModelClass';
import type { RunnerDefinition } from '../scanner/RunnerDefinition';
import type { StageCalls } from './bindStages';
import { checkProps } from './checkProps';
import { stageError } from './stageError';

export interface ModelSources {
  /** A ready model instance: nothing is loaded. */
  readonly model?: unknown;
  /** What `@Save` returned. Default `null`. */
  readonly props?: Readonly<Record<string, string>> | null | undefined;
  /** Key to path; relative paths are taken from the working directory. Default `{}`. */
  readonly artifacts?: Readonly<Record<string, string>> | undefined;
  /** The folder that `@Save`, or the default saver, wrote. */
  readonly directory?: string | undefined;
  /** Classes with a static `fromJSON`, for the default loader. */
  readonly classes?: ModelClasses | undefined;
  /** Native threads that the model should use, for `@Load` to heed. Default: the number of cores. */
  readonly threads?: number | undefined;
  /**
   * Inputs that are run before the handle is ready, one after another: the first call of many models takes far longer than
   * the later ones. Default: none. One that fails fails the loading.
   */
  readonly warmUp?: readonly unknown[] | undefined;
}

/** The model instance: as given, by `@Load`, or by the default loader. */
export async function openModel(
  definition: RunnerDefinition,
  calls: StageCalls,
  sources: ModelSources,
  logger: Logger,
): Promise<unknown> {
  const { props = null, artifacts = {}, directory, classes, threads = availableParallelism() } = sources;
  if (sources.model !== undefined) return sources.model;
  const { load } = definition.stages;
  if (load && calls.load) {
    const checked = props === null ? null : checkProps(props, `${definition.className}, option \`props\``);
    try {
      return await calls.load(
        checked,
        absolute(artifacts),
        loadContext({ directory, threads, logger }, load.where),
      );
    } catch (cause) {
      throw RunwrightError.is(cause) && cause.where === load.where ? cause : stageError(load, cause);
    }
  }
  if (directory === undefined) return undefined;
  const { savedFormatOf } = await import('../models/savedFormatOf.js');
  if ((await savedFormatOf(directory)) !== undefined) {
    const { loadInstance } = await import('../models/loadInstance.js');
    return loadInstance(resolve(directory), { threads, ...(classes && { classes }) });
  }
  throw new RunwrightError('RW_MODEL_FILE_INVALID', {
    where: directory,
    what: 'the folder holds no model.json, and the runner has no @Load() of its own',
    hint: 'Give the folder that the default saver wrote, or pass `model`',
  });
}

function absolute(artifacts: Readonly<Record<string, string>>): Artifacts {
  return Object.freeze(
    Object.fromEntries(
      Object.entries(artifacts).map(([key, path]) => [key, isAbsolute(path) ? path : resolve(path)]),
    ),
  );
}

function loadContext(
  { directory, threads, logger }: Omit<LoadContext, 'directory'> & { directory: string | undefined },
  where: string,
): LoadContext {
  if (directory !== undefined) return Object.freeze({ directory: resolve(directory), threads, logger });
  return Object.freeze({
    // A runner that keeps everything in artifacts never asks; one that asks must not be sent to a guessed folder.
    get directory(): string {
      throw new RunwrightError('RW_OPTION_INVALID', {
        where,
        what: '@Load() asks for `directory`, and none was given',
        hint: 'Pass `directory`, or pass `model` to skip loading',
      });
    },
    threads,
    logger,
  });
}
