import { chmod, constants, copyFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { canonicalJson } from '../../artifact/canonicalJson';
import { ioError } from '../../errors/ioError';
import { RunwrightError } from '../../errors/RunwrightError';
import { MODEL_FILE } from '../value/modelFormat';
import { TORCH_FILES, TORCH_FORMAT, TORCH_FORMAT_VERSION, type SavedTorchModel } from './torchFormat';
import type { TorchModel } from './TorchModel';

/**
 * Saves a torch model: its file as it is, and `model.json`. Which Python runs it is not kept: that is another one elsewhere.
 *
 * @param directory absolute path of an existing, empty folder
 * @throws RunwrightError RW_OPTION_INVALID when the model is ONNX, or its outputs are not known yet; RW_IO
 */
export async function saveTorch(model: TorchModel, directory: string): Promise<void> {
  const { kind, signature, timeout, memoryLimit } = model;
  if (kind === 'onnx' || signature.outputs.length === 0) {
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: basename(model.file),
      what: kind === 'onnx' ? 'the file is ONNX' : 'the outputs of the model are not known',
      hint:
        kind === 'onnx'
          ? "Give OnnxModel.fromFile() of 'runwright/onnx' as the modelInstance"
          : 'Register it with registerTorchModel, which finds them by running the model',
    });
  }
  const file = TORCH_FILES[kind];
  await write(join(directory, file), async (path) => {
    await copyFile(model.file, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    // The copy has the rights of its source.
    await chmod(path, 0o644);
  });
  const saved: Omit<SavedTorchModel, 'format'> = {
    version: TORCH_FORMAT_VERSION,
    file,
    kind,
    signature,
    timeout,
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
  };
  const rest = canonicalJson(saved).toString('utf8', 1);
  // The format first, by which the loader knows it; last of the files, so that a folder with it is complete.
  await write(join(directory, MODEL_FILE), (path) =>
    writeFile(path, `{"format":"${TORCH_FORMAT}",${rest}`, { flag: 'wx' }),
  );
}

async function write(path: string, work: (path: string) => Promise<void>): Promise<void> {
  try {
    await work(path);
  } catch (cause) {
    throw ioError(cause, path, 'write the model');
  }
}
