export { TorchModel } from './TorchModel';
export type { TorchModelOptions } from './TorchModelOptions';
export type { TorchInput } from './TorchInput';
