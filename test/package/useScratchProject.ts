import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { packRunwright } from './packRunwright';
import { runProgram } from './runProgram';

const PEERS = ['reflect-metadata@~0.2.2', 'class-validator@~0.15.1', 'class-transformer@~0.5.1'];
const NPM_FLAGS = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=2000'];

export interface ScratchProject {
  /** Absolute path of a folder in which the packed Runwright and its peers are installed. */
  readonly path: string;
  /** Absolute path of a new folder under it with the fixtures and a `package.json` of its own. */
  folder(name: string, type?: 'module' | 'commonjs'): string;
}

/**
 * Gives the tests of a file one project of a user, with the packed tarball installed by npm. Where npm's registry does not
 * answer they are skipped and say so; under RUNWRIGHT_REQUIRE_INTEROP=1 they fail.
 *
 * @param packages npm specifiers to install besides Runwright and its peers
 */
export function useScratchProject(packages: readonly string[] = []): ScratchProject {
  let home = '';
  let unreachable: string | undefined;

  beforeAll(async () => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'runwright-package-')));
    const tarball = await packRunwright(home);
    mkdirSync(join(home, 'project'));
    unreachable = await installPackages(join(home, 'project'), [tarball, ...PEERS, ...packages]);
  }, 240_000);
  beforeEach(({ skip }) => {
    if (unreachable !== undefined) skip(unreachable);
  });
  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });

  return {
    get path() {
      return join(home, 'project');
    },
    folder(name, type = 'module') {
      const folder = join(home, 'project', name);
      cpSync(join(__dirname, 'fixtures'), folder, { recursive: true });
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, private: true, type }));
      return folder;
    },
  };
}

/** @returns why npm's registry could not be used, or nothing when all is installed */
export async function installPackages(
  folder: string,
  packages: readonly string[],
): Promise<string | undefined> {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'scratch', private: true }));
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', ...NPM_FLAGS];
  const install = await runProgram('npm', ['install', ...flags, ...packages], { cwd: folder });
  if (install.status === 0) return undefined;
  if (process.env.RUNWRIGHT_REQUIRE_INTEROP !== '1') {
    // What npm says of a registry that it cannot reach depends on what its cache has; asked for one package, it is plain.
    const view = ['view', 'reflect-metadata', 'version', '--prefer-online', ...NPM_FLAGS];
    const { status } = await runProgram('npm', view, { cwd: folder });
    if (status !== 0) return "npm's registry does not answer";
  }
  throw new Error(`npm install failed:\n${install.stdout}${install.stderr}`);
}
