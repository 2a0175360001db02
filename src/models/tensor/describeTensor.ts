interface Described {
  readonly dtype: string;
  readonly shape: readonly (number | string)[];
  readonly anyShape?: true;
}

/** A tensor's type and shape for people: `float32 [rows, 4]`; a free dimension without a name is `?`. */
export function describeTensor({ dtype, shape, anyShape }: Described): string {
  if (anyShape) return `${dtype} of any shape`;
  return `${dtype} [${shape.map((size) => (size === '' ? '?' : size)).join(', ')}]`;
}
