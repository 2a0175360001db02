import { RunwrightError } from '../../errors/RunwrightError';

export interface NpmWords {
  /** What was run, for people. */
  readonly command: string;
  /** What it printed last. */
  readonly lines: string[];
}

const SHOWN = 12;

const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:EINTEGRITY)\b/,
    'The registry gave other bytes than the ones that the model was registered with: check the registry in your .npmrc, and do not trust the package until you know why',
  ],
  [/\b(?:ETARGET|E404)\b/, 'Check that your .npmrc names the registry that has this version'],
  [
    /\b(?:E401|E403|ENEEDAUTH|EOTP)\b/,
    'Log in to the registry with `npm login`, or put its token into your .npmrc',
  ],
  [
    /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/,
    'The registry could not be reached: check the network, the proxy and the registry in your .npmrc, then try again',
  ],
  [/\b(?:ENOSPC|EDQUOT)\b/, 'Free some space on the disk'],
  [/\b(?:EACCES|EPERM|EROFS)\b/, "Check the permissions of the store and of npm's cache"],
  [/\bEBADPLATFORM\b/, 'The package does not exist for this platform: run the model on one that it supports'],
  [
    /\b(?:ERESOLVE|EUSAGE)\b/,
    'Run `npm install` in the project to bring its lockfile in order, and register again',
  ],
];

/** @param cause what kept npm from starting, when it did not start */
export function npmFault({ command, lines }: NpmWords, cause?: unknown): RunwrightError {
  if (cause !== undefined) {
    const { code } = cause as NodeJS.ErrnoException;
    return new RunwrightError('RW_REQUIREMENT_INSTALL', {
      where: command,
      what: code === 'ENOENT' ? 'npm was not found' : `npm could not be started (${code})`,
      hint: 'Install npm, which comes with Node.js, or add it to the PATH',
      cause,
    });
  }
  const said = lines
    .filter((line) => /^npm (?:error|ERR!)/.test(line))
    .map((line) => line.replace(/^npm (?:error|ERR!) ?/, ''))
    .filter((line) => line.trim() !== '' && !line.startsWith('A complete log of this run'));
  const tail = (said.length > 0 ? said : lines).slice(-SHOWN).map((line) => line.slice(0, 500));
  const text = said.join('\n');
  const hint = HINTS.find(([pattern]) => pattern.test(text))?.[1] ?? 'Read what npm said, and try again';
  return new RunwrightError('RW_REQUIREMENT_INSTALL', {
    where: command,
    what: `npm could not install the requirements. It said:\n  ${tail.join('\n  ')}`.replace(/[.\s]+$/, ''),
    hint,
  });
}
