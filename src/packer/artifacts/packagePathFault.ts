import { foldPath } from '../foldPath';

/** Names at the root of a package that are not the user's; those of VESSL's volumes are kept free, too. */
const RESERVED: readonly string[] = [
  'runwright.json',
  'code',
  'model',
  'node_modules',
  'package.json',
  'vessl.manifest.yaml',
  'vessl.runner.pkl',
  'vessl.model.pkl',
];
const MAX_LENGTH = 1024;
/** Devices on Windows, also with an extension. */
const DEVICE = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9]|conin\$|conout\$) *(?:\.|$)/;

/**
 * What is wrong with a file's path inside a package, or `undefined`. Paths use `/`, are relative, and name each folder
 * once: no `.`, no `..`, no empty segment, nothing that one file system takes and another does not.
 */
export function packagePathFault(path: string, { reserved = true } = {}): string | undefined {
  if (path === '') return 'it is empty';
  if (path.length > MAX_LENGTH) return `it is longer than ${MAX_LENGTH} characters`;
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'it is absolute';
  if (path.includes('\\')) return 'it has a backslash';
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'it has a control character';
  const segments = path.split('/');
  if (segments.includes('..')) return 'it has a `..` segment';
  if (segments.includes('.') || segments.includes('')) return 'it has a `.` or an empty segment';
  const character = /[<>:"|?*]/.exec(path)?.[0];
  if (character !== undefined) return `it has a \`${character}\`, which Windows does not take`;
  if (segments.some((segment) => /[. ]$/.test(segment))) {
    return 'it has a segment that ends in a dot or a space, which Windows drops';
  }
  const device = segments.find((segment) => DEVICE.test(foldPath(segment)));
  if (device !== undefined) return `"${device}" is a device on Windows`;
  const root = foldPath(segments[0] ?? '');
  if (reserved && RESERVED.includes(root)) return `"${root}" is reserved`;
  return undefined;
}
