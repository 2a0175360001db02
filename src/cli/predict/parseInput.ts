import { ValidationError } from '../../errors/ValidationError';
import type { InputItem } from './InputItem';

/** One line, or a whole document, as an input. The text itself never gets into a message. */
export function parseInput(text: string, line: number): InputItem {
  try {
    return { ok: true, line, value: JSON.parse(text) as unknown };
  } catch (error) {
    const position = / at position (\d+)/.exec((error as Error).message)?.[1];
    return badInput(
      line,
      `is not JSON${position === undefined ? '' : ` (at character ${Number(position) + 1})`}`,
    );
  }
}

/** @param what read after "the input": `is not JSON` */
export function badInput(line: number, what: string): InputItem {
  const message = `${what}; one JSON value is expected`;
  const issue = { path: '', constraint: 'json', message, received: 'text' };
  return { ok: false, line, error: new ValidationError('input', [issue]) };
}
