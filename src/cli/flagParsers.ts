import { InvalidArgumentError } from 'commander';

/** For `--artifact local=path`, given once or more. The last `=` counts: folders with one in their name are rarer there. */
export function addArtifact(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.lastIndexOf('=');
  const [local, path] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || path === '')
    throw new InvalidArgumentError('Write local=path, such as data/labels.txt=labels.txt.');
  if (Object.hasOwn(previous, local)) throw new InvalidArgumentError(`"${local}" is given twice.`);
  // No assignment: a file may be called `__proto__`.
  return Object.fromEntries([...Object.entries(previous), [local, path]]);
}

/** For a flag that is given once or more. */
export function addText(text: string, previous: readonly string[] = []): readonly string[] {
  if (text === '') throw new InvalidArgumentError('It is empty.');
  return [...previous, text];
}

/** For `--allow-scripts a,b`, given once or more. */
export function addNames(text: string, previous: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('Write names of packages, joined by ",".');
  return [...previous, ...names];
}

/** For `--model-number`, `--workers` and other numbers that are positive integers. */
export function parseCount(text: string): number {
  const number = Number(text);
  if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('A positive integer is expected.');
}

/** For `--queue`, which may be 0. */
export function parseLength(text: string): number {
  return text === '0' ? 0 : parseCount(text);
}

/** For `--timeout` and other times: milliseconds. */
export function parseMilliseconds(text: string): number {
  const number = Number(text);
  if (/^[1-9]\d*$/.test(text) && number <= 0x7fff_ffff) return number;
  throw new InvalidArgumentError('A positive number of milliseconds is expected, such as 5000.');
}

const BYTE_UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['kb', 1024],
  ['mb', 1024 ** 2],
  ['gb', 1024 ** 3],
]);

/** For `--memory-limit` and other limits: bytes. Units are those of memory: 1kb is 1024 bytes. */
export function parseBytes(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?(kb|mb|gb|)$/i.exec(text) ?? [];
  const bytes = Math.round(Number(number) * (BYTE_UNITS.get(unit.toLowerCase()) ?? NaN));
  if (number !== '' && bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
  throw new InvalidArgumentError('A number of bytes is expected, such as 512mb or 2gb.');
}

/** For `--port`. */
export function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('A number from 0 to 65535 is expected; 0 takes any free port.');
}
