import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CredentialOptions } from '../../../../../src/registry/oci/auth/DockerCredentials';

/** A user with a home folder of their own, and programs of their own. */
export interface CredentialFolder {
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly options: CredentialOptions;
  /** Writes a file below the home folder, as JSON. */
  write(path: string, content: unknown): Promise<string>;
  /** Puts `docker-credential-<name>` where programs are found. */
  program(name: string, script: string): Promise<void>;
}

export async function credentialFolder(): Promise<CredentialFolder> {
  const home = await mkdtemp(join(tmpdir(), 'runwright-credentials-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const environment: NodeJS.ProcessEnv = { PATH: `${join(home, 'bin')}${delimiter}${process.env.PATH}` };
  const write = async (path: string, content: string): Promise<string> => {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), content);
    return join(home, path);
  };
  return {
    home,
    environment,
    options: { environment, homeFolder: home },
    write: (path, content) => write(path, JSON.stringify(content)),
    program: async (name, script) => {
      await chmod(await write(`bin/docker-credential-${name}`, `#!/bin/sh\n${script}\n`), 0o755);
    },
  };
}

/** `auth` of a file of credentials. */
export function authOf(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}
