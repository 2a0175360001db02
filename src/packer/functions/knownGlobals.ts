import { runInNewContext } from 'node:vm';

/** What Node.js 20 gives beside the language, https://nodejs.org/docs/latest-v20.x/api/globals.html. */
const OF_NODE = [
  ...['AbortController', 'AbortSignal', 'Blob', 'BroadcastChannel', 'Buffer', 'ByteLengthQueuingStrategy'],
  ...['CompressionStream', 'CountQueuingStrategy', 'Crypto', 'CryptoKey', 'CustomEvent', 'DOMException'],
  ...['DecompressionStream', 'Event', 'EventTarget', 'File', 'FormData', 'Headers', 'MessageChannel'],
  ...['MessageEvent', 'MessagePort', 'PerformanceEntry', 'PerformanceMark', 'PerformanceMeasure'],
  ...['PerformanceObserver', 'ReadableStream', 'ReadableStreamBYOBReader', 'ReadableStreamDefaultReader'],
  ...['Request', 'Response', 'SubtleCrypto', 'TextDecoder', 'TextDecoderStream', 'TextEncoder'],
  ...['TextEncoderStream', 'TransformStream', 'URL', 'URLSearchParams', 'WritableStream'],
  ...['WritableStreamDefaultWriter', 'atob', 'btoa', 'clearImmediate', 'clearInterval', 'clearTimeout'],
  ...['console', 'crypto', 'fetch', 'global', 'performance', 'process', 'queueMicrotask', 'setImmediate'],
  ...['setInterval', 'setTimeout', 'structuredClone'],
];

let known: ReadonlySet<string> | undefined;

/**
 * Names that mean the same in every module of every program: those of the language and of Node.js. A fresh context gives the
 * former, for this process's own global object can hold more (a test runner's names, a polyfill's).
 */
export function knownGlobals(): ReadonlySet<string> {
  known ??= new Set([...(runInNewContext('Object.getOwnPropertyNames(globalThis)') as string[]), ...OF_NODE]);
  return known;
}
