import type { BrokenConnection } from './connectionError';
import { UnavailableError } from './UnavailableError';

const PHASES = {
  send: 'nothing more of what is sent could leave',
  response: 'there was no answer',
  read: 'nothing more of the answer came',
} as const;

/** @param limit milliseconds that nothing moved */
export function stallError(
  { where, target, sent }: BrokenConnection,
  phase: keyof typeof PHASES,
  limit: number,
): UnavailableError {
  return new UnavailableError({
    where,
    what: `${target}: ${PHASES[phase]} for ${limit / 1000} s`,
    hint: 'Check the network, and that the registry is well; then run it again',
    sent,
  });
}
