import type { InputItem, Inputs } from './InputItem';
import { badInput, parseInput } from './parseInput';
import { readLines, type TextLine } from './readLines';

/** Characters of a document over several lines; a stream of lines may be of any length. */
const LARGEST_DOCUMENT = 64 * 1024 * 1024;

/**
 * Inputs out of a stream: JSON Lines, or one JSON document over several lines. It is a document when its first line is not
 * JSON but could begin some, and all lines together are. So only such a stream is gathered in memory, up to a limit.
 */
export async function readInputs(source: AsyncIterable<Uint8Array>): Promise<Inputs> {
  const lines = readLines(source);
  const begun = await lines.next();
  if (begun.done) return { kind: 'lines', groups: toItems([], lines) };
  const [first] = begun.value;
  if (first === undefined || !mayBeginDocument(first)) {
    return { kind: 'lines', groups: toItems(begun.value, lines) };
  }

  const gathered: TextLine[] = [...begun.value];
  let size = sizeOf(begun.value);
  while (size <= LARGEST_DOCUMENT) {
    const next = await lines.next();
    if (next.done) {
      const item = parseInput(
        gathered.map(({ text }) => (typeof text === 'string' ? text : '')).join('\n'),
        1,
      );
      // One fault of a document says more than one for each of its lines.
      const isDocument = item.ok || (gathered.length > 1 && gathered.every((line) => !toItem(line).ok));
      if (isDocument) return { kind: 'document', item };
      break;
    }
    for (const line of next.value) gathered.push(line);
    size += sizeOf(next.value);
  }
  return { kind: 'lines', groups: toItems(gathered, lines) };
}

async function* toItems(
  begun: readonly TextLine[],
  rest: AsyncIterable<readonly TextLine[]>,
): AsyncGenerator<readonly InputItem[]> {
  if (begun.length > 0) yield begun.map(toItem);
  for await (const lines of rest) yield lines.map(toItem);
}

function toItem({ number, text }: TextLine): InputItem {
  return typeof text === 'string' ? parseInput(text, number) : badInput(number, text.fault);
}

/** A line that is JSON by itself is a line; one that closes all that it opens cannot become JSON by what follows. */
function mayBeginDocument({ text, number }: TextLine): boolean {
  if (typeof text !== 'string' || parseInput(text, number).ok) return false;
  if (!/^\s*[[{]/.test(text)) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
  }
  return depth > 0;
}

function sizeOf(lines: readonly TextLine[]): number {
  return lines.reduce((sum, { text }) => sum + (typeof text === 'string' ? text.length + 1 : 0), 0);
}
