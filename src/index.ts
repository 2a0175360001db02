import 'reflect-metadata';

export { Dispose } from './decorators/Dispose';
export { Load } from './decorators/Load';
export { Postprocess } from './decorators/Postprocess';
export { Predict } from './decorators/Predict';
export { Preprocess } from './decorators/Preprocess';
export { Runner } from './decorators/Runner';
export { Save } from './decorators/Save';
export { ERROR_CODES, type ErrorCode, type ErrorKind } from './errors/errorCodes';
export type { Issue } from './errors/Issue';
export { RunnerInvalidError, type RunnerFault } from './errors/RunnerInvalidError';
export { RunwrightError, type RunwrightErrorOptions } from './errors/RunwrightError';
export { ValidationError } from './errors/ValidationError';
export type { Digest } from './artifact/Digest';
export type { ExecutionMode, ExecutionOptions } from './execution/ExecutionOptions';
export { createRunner, type CreateRunnerOptions } from './lifecycle/createRunner';
export type { ModelSources } from './lifecycle/openModel';
export type {
  HandleState,
  ModelIdentity,
  RunManyOptions,
  RunnerHandle,
  RunOptions,
  RunOutcome,
} from './lifecycle/RunnerHandle';
export type {
  Artifacts,
  BatchContext,
  LoadContext,
  Logger,
  Props,
  RunContext,
  SaveContext,
} from './metadata/contexts';
export type {
  BatchOptions,
  PostprocessOptions,
  PredictOptions,
  PreprocessOptions,
  RunnerOptions,
} from './metadata/options';
export type { StageName } from './metadata/stages';
export type { TypeRef } from './metadata/TypeRef';
export type { ModelClass, ModelClasses } from './models/value/ModelClass';
export type { RunnerManifest } from './packer/manifest/RunnerManifest';
export { aliasModel } from './registrar/aliasModel';
export { buildPackage, type BuildOptions } from './registrar/buildPackage';
export type { BuiltPackage } from './registrar/writePackageFile';
export type { CopiedModel } from './registrar/CopiedModel';
export { copyModel, type CopyModelOptions } from './registrar/copyModel';
export { createModel } from './registrar/createModel';
export { listModels, type ListModelsOptions } from './registrar/listModels';
export { loadModel, type LoadModelOptions } from './registrar/loadModel';
export type { LoadOptions } from './registrar/loadPackage';
export type { TransferProgress } from './registrar/TransferProgress';
export { pullModel, type PulledModel, type PullOptions } from './registrar/pullModel';
export { readModel, type ModelDescription } from './registrar/readModel';
export { registerModel } from './registrar/registerModel';
export { registerTorchModel } from './registrar/registerTorchModel';
export type { RegisterTorchOptions } from './registrar/RegisterTorchOptions';
export type {
  RegisteredModel,
  RegisterModelOptions,
  RegisterOnnxOptions,
  RegisterRunnerOptions,
  RegisterProgress,
} from './registrar/RegisterModelOptions';
export { openRegistry } from './registry/openRegistry';
export type { ModelEntry, Registry } from './registry/Registry';
export type { RunnerDefinition, StageDefinition } from './scanner/RunnerDefinition';
export { scanRunner } from './scanner/scanRunner';
export { IsFile, type FileOptions } from './schema/IsFile';
export { IsTensor, type TensorOptions } from './schema/IsTensor';
export type { JsonSchema } from './schema/JsonSchema';
export type { TensorValue } from './schema/isTensorValue';
export type { ParseResult, Schema } from './schema/Schema';
export type { TensorType } from './schema/TensorType';
export { Unvalidated } from './schema/Unvalidated';
export { UploadedFile } from './schema/UploadedFile';
