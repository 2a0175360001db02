export { TorchModel } from './TorchModel';
export type { TorchModelOptions } from './TorchModelOptions';
export type { TorchInput } from './TorchInput';
export { findPython } from './findPython';
export type { FindPythonOptions, Python } from './findPython';
