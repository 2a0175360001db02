import { ValidationError } from '../../errors/ValidationError';
import { formatPath } from '../../schema/formatPath';
import type { ModelSignature } from './ModelSignature';
import type { TensorRecord } from './TensorModel';

/**
 * A check that no text of the inputs has a NUL, where onnxruntime would cut it: `undefined` where no input holds texts.
 *
 * The check throws ValidationError RW_INPUT_INVALID with the first such text of each input.
 */
export function nulFreeTexts({ inputs }: ModelSignature): ((item: TensorRecord) => void) | undefined {
  const names = inputs.filter(({ dtype }) => dtype === 'string').map(({ name }) => name);
  if (names.length === 0) return undefined;
  return (item) => {
    const issues = names.flatMap((name) => {
      const texts = item[name]?.data as readonly string[] | undefined;
      const at = texts?.findIndex((text) => text.includes('\0')) ?? -1;
      if (at === -1) return [];
      const message = `${name} has a NUL in the text at index ${at} of its data, where the model would not see the rest`;
      return [{ path: formatPath([name]), constraint: 'isTensor', message, received: 'string' }];
    });
    if (issues.length > 0) throw new ValidationError('input', issues);
  };
}
