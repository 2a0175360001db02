import type { IncomingHttpHeaders } from 'node:http';

/** Milliseconds that a service asks to be left alone: Retry-After in seconds or as a date (RFC 9110, 10.2.3). */
export function retryAfter(headers: IncomingHttpHeaders, now = Date.now()): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined) return undefined;
  if (/^\d{1,10}$/.test(value)) return Number(value) * 1000;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}
