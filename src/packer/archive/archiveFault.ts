import { RunwrightError } from '../../errors/RunwrightError';

const SHOWN = 100;

/** Says that an archive is refused, before anything of it is used. Give `entry` when one entry is at fault. */
export function archiveFault(where: string, what: string, entry?: string, cause?: unknown): RunwrightError {
  return new RunwrightError('RW_PACKAGE_INVALID', {
    where,
    what: entry === undefined ? what : `the entry "${shown(entry)}" ${what}`,
    hint: 'Get the archive again from where it came, or make one with `npx runwright build`',
    cause,
  });
}

/** The name as printable ASCII of a bounded length: an archive must not steer the terminal that reports on it. */
function shown(name: string): string {
  const cut = name.length > SHOWN ? `${name.slice(0, SHOWN)}...` : name;
  return cut.replace(/[^\x20-\x7e]|["\\]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0x20 && code < 0x7f ? `\\${character}` : `\\u{${code.toString(16)}}`;
  });
}
