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

/** For `--model-number`. */
export function parseModelNumber(text: string): number {
  const number = Number(text);
  if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('A positive integer is expected.');
}

/** For `--port`. */
export function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('A number from 0 to 65535 is expected; 0 takes any free port.');
}
