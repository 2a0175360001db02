export { createServer } from './createServer';
export type { ServerOptions } from './ServerOptions';
export type { ErrorBody } from './exchange/ErrorBody';
export type { ModelControl } from './models/ModelControl';
export type { Served } from './models/servedModels';
export type { ServedModelOptions } from './models/ServedModelOptions';
