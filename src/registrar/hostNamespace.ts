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
import { scanRunner } from '../scanner/scanRunner';
import { Unvalidated } from '../schema/Unvalidated';
import { aliasModel } from './aliasModel';
import { lazyClassValidator } from './lazyClassValidator';
import { listModels } from './listModels';
import { pullModel } from './pullModel';
import { readModel } from './readModel';

/** The calls that only a program makes, given by whoever loads code, so that this table does not import its importers. */
export interface ProgramCalls {
  readonly buildPackage: (...args: never) => unknown;
  readonly createModel: (...args: never) => unknown;
  readonly loadModel: (...args: never) => unknown;
  readonly registerModel: (...args: never) => unknown;
}

/**
 * What the code of a package gets when it imports a shared library: this process's own copies. The names under
 * `runwright` are those of the package's root entry; a test keeps the two equal.
 */
export function hostNamespace(program: ProgramCalls): Readonly<Record<string, () => unknown>> {
  const runwright = {
    Dispose,
    ERROR_CODES,
    Load,
    Postprocess,
    Predict,
    Preprocess,
    Runner,
    RunnerInvalidError,
    RunwrightError,
    Save,
    Unvalidated,
    ValidationError,
    aliasModel,
    createRunner,
    listModels,
    pullModel,
    readModel,
    scanRunner,
    ...program,
  };
  return {
    runwright: () => runwright,
    'reflect-metadata': () => require('reflect-metadata') as unknown,
    'class-validator': lazyClassValidator,
    'class-transformer': () => require('class-transformer') as unknown,
    'class-transformer/cjs/storage': () => require('class-transformer/cjs/storage') as unknown,
  };
}
