import { checkOptions } from '../errors/checkOptions';
import { checkNumber, TIMEOUT, TIMER } from './checkNumber';
import type { ServerOptions } from './ServerOptions';

/** @throws RunwrightError RW_OPTION_INVALID naming the option */
export function checkServerOptions(options: ServerOptions): void {
  checkOptions<ServerOptions>('createServer', options, {
    bodyLimit: 'any',
    fileLimit: 'any',
    uploadDirectory: 'string',
    queue: 'any',
    timeout: 'any',
    sendTimeout: 'any',
    requestTimeout: 'any',
    connectionTimeout: 'any',
    closeTimeout: 'any',
    modelControl: 'object',
    logger: 'object',
  });
  const ranges = {
    bodyLimit: { least: 1 },
    fileLimit: { least: 1 },
    queue: { least: 0 },
    timeout: TIMEOUT,
    sendTimeout: TIMER,
    requestTimeout: TIMER,
    connectionTimeout: TIMER,
    closeTimeout: TIMER,
  } as const;
  for (const [key, range] of Object.entries(ranges)) {
    checkNumber(`option \`${key}\``, options[key as keyof typeof ranges], range);
  }
}
