import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import type { ExecutionOptions } from '../execution/ExecutionOptions';
import { planExecution } from '../execution/planExecution';
import type { RunnerHandle } from '../lifecycle/RunnerHandle';
import type { Logger } from '../metadata/contexts';
import { OnnxModel } from '../models/onnx/OnnxModel';
import { saveInstance } from '../models/saveInstance';
import { MODEL_FOLDER } from '../packer/package/layout';
import { onnxName } from './onnxName';
import { withRunner } from './withRunner';
import { withTemporaryFolder } from './withTemporaryFolder';

export interface OnnxFileOptions extends ExecutionOptions {
  readonly file: string;
  /** Inputs that are run before the handle is ready. */
  readonly warmUp?: readonly unknown[] | undefined;
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs an ONNX file as a registration would have it run, without one. The handle is closed after `use`.
 *
 * @throws RunwrightError RW_LIBRARY_MISSING, RW_MODEL_FILE_INVALID, RW_WORKER_FAILED, RW_IO
 */
export async function withOnnxFile<T>(
  options: OnnxFileOptions,
  use: (handle: RunnerHandle) => Promise<T>,
): Promise<T> {
  const { file, warmUp } = options;
  const plan = planExecution('withOnnxFile', options);
  return withTemporaryFolder(async (folder) => {
    const directory = join(folder, MODEL_FOLDER);
    await mkdir(directory);
    const model = await OnnxModel.fromFile(file);
    const { signature } = model;
    await saveInstance(model, directory).finally(() => model.release());
    const spec = {
      source: { kind: 'model', name: onnxName(file), signature } as const,
      where: file,
      props: null,
      artifacts: {},
      directory,
      modelExport: null,
      warmUp,
      requirements: [],
    };
    return withRunner(spec, plan, options, use);
  });
}
