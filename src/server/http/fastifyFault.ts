import { RunwrightError } from '../../errors/RunwrightError';
import { RequestError } from '../exchange/RequestError';

/** What Fastify's own refusals mean to a caller, by the status that Fastify gives them. */
const REFUSALS: Readonly<Record<number, readonly [what: string, hint: string]>> = {
  413: ['the body is larger than this server takes', 'Send less at once'],
  415: ['the body is not of a type that this route takes', 'Send it with Content-Type: application/json'],
};

/** Fastify's refusal of a request as an error of ours; any other error as it is. */
export function fastifyFault(error: unknown): unknown {
  if (RunwrightError.is(error)) return error;
  const { statusCode = 500, code = '' } = error as { statusCode?: number; code?: string };
  if (!code.startsWith('FST_') || statusCode < 400 || statusCode >= 500) return error;
  const [what, hint] = REFUSALS[statusCode] ?? [
    'the request cannot be read',
    'Look at its URL and its headers',
  ];
  return new RequestError(statusCode, what, hint);
}
