import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDockerCredentials } from '../../../../../src/registry/oci/auth/readDockerCredentials';
import { storeDockerCredentials } from '../../../../../src/registry/oci/auth/storeDockerCredentials';
import { authOf, credentialFolder } from './credentialFolder';

const CONFIG = '.docker/config.json';
const LOGIN = { username: 'robot', password: 'pass:word' };

describe('storeDockerCredentials', () => {
  it('makes the file of Docker, for its owner alone', async () => {
    const { home, options } = await credentialFolder();
    const file = join(home, CONFIG);
    expect(await storeDockerCredentials('acme.com', LOGIN, options)).toBe(file);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      auths: { 'acme.com': { auth: authOf('robot', 'pass:word') } },
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(file))).mode & 0o777).toBe(0o700);
    expect(await readdir(dirname(file))).toEqual(['config.json']);
    expect((await readDockerCredentials('acme.com', options))?.credentials).toEqual(LOGIN);
  });

  it('keeps everything else that stands in it', async () => {
    const { options, write } = await credentialFolder();
    const before = {
      auths: {
        'other.com': { auth: authOf('a', 'b'), email: 'x' },
        'acme.com': { auth: authOf('old', 'old'), identitytoken: 'old' },
        'https://acme.com/v1/': { auth: authOf('older', 'older') },
      },
      HttpHeaders: { 'User-Agent': 'x' },
      credHelpers: { 'ghcr.io': 'gh' },
      psFormat: 'table',
    };
    const file = await write(CONFIG, before);
    await storeDockerCredentials('acme.com', LOGIN, options);
    const after: unknown = JSON.parse(await readFile(file, 'utf8'));
    expect(after).toEqual({
      ...before,
      auths: { 'other.com': before.auths['other.com'], 'acme.com': { auth: authOf('robot', 'pass:word') } },
    });
    expect((await readDockerCredentials('acme.com', options))?.credentials).toEqual(LOGIN);
  });

  it('names the Hub as Docker does', async () => {
    const { options } = await credentialFolder();
    const file = await storeDockerCredentials('registry-1.docker.io', LOGIN, options);
    const { auths } = JSON.parse(await readFile(file, 'utf8')) as { auths: object };
    expect(Object.keys(auths)).toEqual(['https://index.docker.io/v1/']);
    expect((await readDockerCredentials('docker.io', options))?.credentials).toEqual(LOGIN);
  });

  it('writes to where the first of the files is named, through a link too', async () => {
    const { home, environment } = await credentialFolder();
    await mkdir(join(home, 'kept'));
    await writeFile(join(home, 'kept', 'real.json'), '{"a": 1}');
    await symlink(join(home, 'kept', 'real.json'), join(home, 'auth.json'));
    const REGISTRY_AUTH_FILE = join(home, 'auth.json');
    const options = { environment: { ...environment, REGISTRY_AUTH_FILE }, homeFolder: home };
    expect(await storeDockerCredentials('acme.com', LOGIN, options)).toBe(REGISTRY_AUTH_FILE);
    expect((await lstat(REGISTRY_AUTH_FILE)).isSymbolicLink()).toBe(true);
    expect(JSON.parse(await readFile(join(home, 'kept', 'real.json'), 'utf8'))).toHaveProperty('a', 1);
    expect(await readdir(join(home, 'kept'))).toEqual(['real.json']);
  });

  it('leaves a damaged file as it is', async () => {
    const { options, write } = await credentialFolder();
    const file = await write(CONFIG, {});
    await writeFile(file, '{damaged');
    await expect(storeDockerCredentials('acme.com', LOGIN, options)).rejects.toMatchObject({
      code: 'RW_OPTION_INVALID',
    });
    expect(await readFile(file, 'utf8')).toBe('{damaged');
  });

  it('hands it to the helper that is set up, and writes no file', async () => {
    const { home, options, write, program } = await credentialFolder();
    await program('mine', `echo "$1" > ${home}/verb; cat > ${home}/stored`);
    const file = await write(CONFIG, { credHelpers: { 'acme.com': 'mine' } });
    const before = await readFile(file, 'utf8');
    expect(await storeDockerCredentials('acme.com', LOGIN, options)).toBe(
      `docker-credential-mine, named in ${file}`,
    );
    expect(await readFile(join(home, 'verb'), 'utf8')).toBe('store\n');
    expect(JSON.parse(await readFile(join(home, 'stored'), 'utf8'))).toEqual({
      ServerURL: 'acme.com',
      Username: 'robot',
      Secret: 'pass:word',
    });
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('does not fall back to the file when the helper fails', async () => {
    const { options, write, program } = await credentialFolder();
    await program('bad', 'cat; exit 1');
    const file = await write(CONFIG, { credsStore: 'bad' });
    const error: unknown = await storeDockerCredentials('acme.com', LOGIN, options).catch(
      (failure: unknown) => failure,
    );
    expect(error).toMatchObject({ code: 'RW_REGISTRY_DENIED' });
    expect(String(error)).not.toContain('pass:word');
    expect(await readFile(file, 'utf8')).not.toContain('auths');
  });

  it('gives back any password that it was given', async () => {
    const { options } = await credentialFolder();
    const word = fc.string({ minLength: 1, unit: 'grapheme' });
    await fc.assert(
      fc.asyncProperty(word, word, async (name, password) => {
        const username = name.replaceAll(':', '') || 'a';
        await storeDockerCredentials('acme.com', { username, password }, options);
        expect((await readDockerCredentials('acme.com', options))?.credentials).toEqual({
          username,
          password,
        });
      }),
      { numRuns: 30 },
    );
  });
});
