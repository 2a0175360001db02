import type { FieldRule } from './fieldRule';

/** To be read after "must be": `a float32 tensor of shape [-1, 4]`. */
export function describeFieldRule(field: FieldRule): string {
  if (field.kind === 'tensor') return `a ${field.dtype} tensor of shape [${field.shape.join(', ')}]`;
  const { mime, maxBytes } = field;
  const type = mime === undefined ? '' : ` of type ${mime.join(' or ')}`;
  return `a file${type}${maxBytes === undefined ? '' : ` of at most ${maxBytes} bytes`}`;
}
