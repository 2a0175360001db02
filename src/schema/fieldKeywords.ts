import type { FieldRule } from './fieldRule';
import type { JsonSchema } from './JsonSchema';
import type { TensorType } from './TensorType';

const range = (minimum: number, maximum: number): JsonSchema => ({ type: 'integer', minimum, maximum });

/** One element of a tensor in JSON. */
const ELEMENTS: Readonly<Record<TensorType, JsonSchema>> = {
  float32: { type: 'number' },
  float64: { type: 'number' },
  float16: { type: 'number' },
  int8: range(-128, 127),
  uint8: range(0, 255),
  int16: range(-32_768, 32_767),
  uint16: range(0, 65_535),
  int32: range(-2_147_483_648, 2_147_483_647),
  uint32: range(0, 4_294_967_295),
  // As text where a number of JSON would lose digits.
  int64: { type: ['integer', 'string'], pattern: '^-?[0-9]{1,20}$' },
  uint64: { type: ['integer', 'string'], minimum: 0, pattern: '^[0-9]{1,20}$' },
  bool: { type: 'boolean' },
  string: { type: 'string' },
};

/** What `@IsTensor` and `@IsFile` mean in JSON Schema: nested arrays; bytes that come as a part of a form. */
export function fieldKeywords(field: FieldRule): JsonSchema {
  if (field.kind === 'tensor') {
    return [...field.shape]
      .reverse()
      .reduce<JsonSchema>(
        (items, size) => ({ type: 'array', items, ...(size !== -1 && { minItems: size, maxItems: size }) }),
        ELEMENTS[field.dtype],
      );
  }
  const [mime, ...others] = field.mime ?? [];
  return {
    type: 'string',
    format: 'binary',
    ...(mime !== undefined && others.length === 0 && { contentMediaType: mime }),
  };
}
