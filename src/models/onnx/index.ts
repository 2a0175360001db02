export { OnnxModel } from './OnnxModel';
export type { OnnxExecutionProvider, OnnxExtra, OnnxOptions } from './OnnxOptions';
export type { ModelSignature, ModelTensor } from '../tensor/ModelSignature';
export type { TensorModel, TensorRecord, TensorRunOptions } from '../tensor/TensorModel';
