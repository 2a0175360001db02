import { isRecord } from '../../artifact/isRecord';
import { RunwrightError } from '../../errors/RunwrightError';
import type { HttpAnswer } from '../http/HttpRequest';

const LONGEST = 300;

/** The error for what the platform refuses, in the platform's words. Values that it quotes are left out. */
export function refusedByVessl({ status, body }: HttpAnswer, where: string): RunwrightError {
  return new RunwrightError(status === 404 ? 'RW_MODEL_NOT_FOUND' : 'RW_REGISTRY_ANSWER', {
    where,
    what: `VESSL refuses it: ${describe(body) ?? `status ${status}`}`,
    hint: 'Check the names, and what this account may do in the organization',
  });
}

function describe(body: Buffer): string | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString());
  } catch {
    return undefined;
  }
  if (!isRecord(answer)) return undefined;
  const fields = (Array.isArray(answer['fields']) ? (answer['fields'] as unknown[]) : []).filter(isRecord);
  const parts = [
    answer['code'],
    answer['message'],
    ...fields.map(({ name, message }) =>
      typeof message === 'string' ? `\`${String(name)}\` ${message}` : undefined,
    ),
  ].filter((part): part is string => typeof part === 'string' && part !== '');
  return parts.length === 0 ? undefined : printable(parts.join(', ')).slice(0, LONGEST).replace(/\.$/, '');
}

/** What came over the network must not steer a terminal. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, '?');
}
