export interface StreamForm {
  /** An item as JSON. */
  readonly toText: (item: unknown) => string;
  /** The body that stands for an error. */
  readonly onError: (error: unknown) => object;
}

/**
 * A stream of outputs as JSON Lines: `{"item": ...}` for each, then `{"end": {"items": n}}`, or an error's body where it
 * broke off. Without either of the two the stream was cut.
 */
export async function* streamLines(
  first: IteratorResult<unknown>,
  items: AsyncGenerator<unknown, void, undefined>,
  { toText, onError }: StreamForm,
): AsyncGenerator<string> {
  let count = 0;
  try {
    for (let next = first; !next.done; next = await items.next()) {
      yield `{"item":${toText(next.value)}}\n`;
      count += 1;
    }
  } catch (error) {
    yield line(onError(error));
    return;
  } finally {
    await items.return();
  }
  yield line({ end: { items: count } });
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
