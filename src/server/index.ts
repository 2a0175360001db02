export { createServer } from './createServer';
export type { ServerOptions } from './ServerOptions';
export type { ErrorBody } from './ErrorBody';
