import { Dispose } from '../decorators/Dispose';
import { Load } from '../decorators/Load';
import { Postprocess } from '../decorators/Postprocess';
import { Predict } from '../decorators/Predict';
import { Preprocess } from '../decorators/Preprocess';
import { Runner } from '../decorators/Runner';
import { Save } from '../decorators/Save';
import { ERROR_CODES } from '../errors/errorCodes';
import { RunnerInvalidError } from '../errors/RunnerInvalidError';
import { RunwrightError } from '../errors/RunwrightError';
import { ValidationError } from '../errors/ValidationError';
import { createRunner } from '../lifecycle/createRunner';
import { OnnxModel } from '../models/onnx/OnnxModel';
import { makeModelRunner } from '../models/tensor/makeModelRunner';
import { TorchModel } from '../models/torch/TorchModel';
import { openRegistry } from '../registry/openRegistry';
import { scanRunner } from '../scanner/scanRunner';
import { hostLibraries } from '../schema/hostLibraries';
import { IsFile } from '../schema/IsFile';
import { IsTensor } from '../schema/IsTensor';
import { Unvalidated } from '../schema/Unvalidated';
import { UploadedFile } from '../schema/UploadedFile';
import { aliasModel } from './aliasModel';
import { listModels } from './listModels';
import { pullModel } from './pullModel';
import { readModel } from './readModel';
import type { RegistrationGuard } from './RegistrationGuard';

/** `loadModel`, which is handed in: it imports what is here. A runner that is made of other models calls it. */
export type LoadModel = (...args: never) => unknown;

/**
 * What the code of a package gets when it imports a shared library: this process's own copies. The names under
 * `runwright` are those of the package's root entry; a test keeps the two equal.
 */
export function hostNamespace(
  loadModel: LoadModel,
  guard: RegistrationGuard,
): Readonly<Record<string, () => unknown>> {
  const runwright = {
    Dispose,
    ERROR_CODES,
    IsFile,
    IsTensor,
    Load,
    Postprocess,
    Predict,
    Preprocess,
    Runner,
    RunnerInvalidError,
    RunwrightError,
    Save,
    Unvalidated,
    UploadedFile,
    ValidationError,
    aliasModel,
    buildPackage: guard.refuse('buildPackage'),
    copyModel: guard.refuse('copyModel'),
    createModel: guard.refuse('createModel'),
    createRunner,
    listModels,
    loadModel,
    openRegistry,
    pullModel,
    readModel,
    registerModel: guard.refuse('registerModel'),
    registerTorchModel: guard.refuse('registerTorchModel'),
    scanRunner,
  };
  return {
    ...hostLibraries,
    runwright: () => runwright,
    'runwright/onnx': () => ({ OnnxModel }),
    'runwright/torch': () => ({ TorchModel }),
    'runwright/model-runner': () => ({ makeModelRunner }),
  };
}
