import { foldPath } from '../foldPath';

type EntryType = 'file' | 'directory';

/** Longest path that is taken, in UTF-16 units. */
const LONGEST = 1024;

/** The paths of an archive so far: finds the ones that cannot be written safely on every file system. */
export class EntryNames {
  /** Path without regard to case and Unicode form, to the path as it was first spelled. */
  readonly #seen = new Map<string, { path: string; type: EntryType; own: boolean }>();

  /** What is wrong with the path, or undefined: then it is taken in. */
  add(path: string, type: string): string | undefined {
    const fault = faultOf(path);
    if (fault !== undefined) return fault;
    const parts = path.split('/');
    for (let length = 1; length < parts.length; length++) {
      const parent = this.#take(parts.slice(0, length).join('/'), 'directory', false);
      if (parent !== undefined) return parent;
    }
    return this.#take(path, type as EntryType, true);
  }

  #take(path: string, type: EntryType, own: boolean): string | undefined {
    const key = foldPath(path);
    const former = this.#seen.get(key);
    if (former === undefined) this.#seen.set(key, { path, type, own });
    else if (former.path !== path) return 'has the name of another entry but for case or Unicode form';
    else if (former.type !== type) return 'is a file and a folder at once';
    else if (former.own && own) return 'stands in the archive twice';
    else former.own ||= own;
    return undefined;
  }
}

function faultOf(path: string): string | undefined {
  if (path.length > LONGEST) return `has a name longer than ${LONGEST} characters`;
  if (path.includes('\\') || /^[a-z]:/i.test(path)) return 'has a backslash or a drive letter in its name';
  if (path.startsWith('/')) return 'has an absolute path';
  const parts = path.split('/');
  if (parts.includes('..')) return 'leads out of its folder with `..`';
  if (parts.includes('') || parts.includes('.')) return 'has an empty part or `.` in its path';
  // eslint-disable-next-line no-control-regex
  if (/[\x00-\x1f\x7f\ufffd]/.test(path)) return 'has control characters or broken UTF-8 in its name';
  return undefined;
}
