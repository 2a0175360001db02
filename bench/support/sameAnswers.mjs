import { isDeepStrictEqual } from 'node:util';

/**
 * Asks each server once, and makes sure that all of them do the same work.
 *
 * @param contenders `{ name: { url, request, read? } }`; `read` takes what is compared out of an answer of another form
 * @throws Error naming the first that answers otherwise than the first of all
 */
export async function sameAnswers(contenders) {
  let expected;
  for (const [name, { url, request, read = (answer) => answer }] of Object.entries(contenders)) {
    const response = await fetch(url, request);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${name} answered ${response.status}: ${text}`);
    const answer = rounded(read(JSON.parse(text)));
    expected ??= answer;
    if (!isDeepStrictEqual(answer, expected)) {
      throw new Error(`${name} answered ${JSON.stringify(answer)}, not ${JSON.stringify(expected)}`);
    }
  }
}

/** A float32 may be written with more digits or with less. */
const rounded = (answer) =>
  JSON.parse(
    JSON.stringify(answer, (_, value) => (typeof value === 'number' ? Number(value.toFixed(5)) : value)),
  );
