const NEWLINE = 0x0a;

export interface TextLine {
  /** Counted from 1, blank lines too. */
  readonly number: number;
  /** Without its end; a fault where there is no text to have. */
  readonly text: string | { readonly fault: string };
}

/** Bytes of the longest line that is taken: beyond it memory would not be bounded. */
const LONGEST = 256 * 1024 * 1024;

/**
 * The lines of a stream of UTF-8 that are not blank, in groups of those that came together. A line that is too long or not
 * UTF-8 is told as such, and the next one is read as usual.
 */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  longest = LONGEST,
): AsyncGenerator<readonly TextLine[]> {
  let number = 0;
  let parts: Uint8Array[] = [];
  let length = 0;
  const add = (bytes: Uint8Array): void => {
    length += bytes.length;
    if (length > longest) parts = [];
    else if (bytes.length > 0) parts.push(bytes);
  };
  const finish = (): TextLine | undefined => {
    number += 1;
    const text = length > longest ? { fault: `is longer than ${longest} bytes` } : decode(parts);
    parts = [];
    length = 0;
    return typeof text === 'string' && text.trim() === '' ? undefined : { number, text };
  };

  for await (const chunk of source) {
    const lines: TextLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      add(chunk.subarray(start, end));
      start = end + 1;
      const line = finish();
      if (line) lines.push(line);
    }
    add(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  const last = length > 0 ? finish() : undefined;
  if (last) yield [last];
}

function decode(parts: readonly Uint8Array[]): TextLine['text'] {
  try {
    // It drops the mark that some editors put before the first line.
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    return { fault: 'is not UTF-8' };
  }
}
