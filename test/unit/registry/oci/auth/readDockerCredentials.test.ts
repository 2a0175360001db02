import { readFile, writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeCredentials } from '../../../../../src/registry/oci/auth/describeCredentials';
import { readDockerCredentials } from '../../../../../src/registry/oci/auth/readDockerCredentials';
import { runCredentialHelper } from '../../../../../src/registry/oci/auth/runCredentialHelper';
import { authOf, credentialFolder } from './credentialFolder';

const CONFIG = '.docker/config.json';

describe('the file of credentials', () => {
  it('gives a name and a password, or an identity token', async () => {
    const { options, write } = await credentialFolder();
    const file = await write(CONFIG, {
      auths: {
        'ghcr.io': { auth: authOf('robot', 'pass:word') },
        'localhost:5000': { username: 'me', password: 'mine' },
        'acme.com': { auth: authOf('00000000', ''), identitytoken: 'identity' },
        'empty.com': {},
      },
    });
    expect(await readDockerCredentials('ghcr.io', options)).toEqual({
      credentials: { username: 'robot', password: 'pass:word' },
      source: file,
    });
    expect((await readDockerCredentials('localhost:5000', options))?.credentials).toEqual({
      username: 'me',
      password: 'mine',
    });
    expect((await readDockerCredentials('acme.com', options))?.credentials).toEqual({
      identityToken: 'identity',
    });
    expect(await readDockerCredentials('empty.com', options)).toBeUndefined();
  });

  it('is read for exactly the host, and for the URL of it that old versions wrote', async () => {
    const { options, write } = await credentialFolder();
    const auth = authOf('robot', 'word');
    await write(CONFIG, {
      auths: {
        'https://old.com/v1/': { auth },
        'https://older.com': { auth },
        'https://index.docker.io/v1/': { auth },
        'quay.io/acme': { auth },
        'acme.com': { auth },
      },
    });
    for (const host of ['old.com', 'older.com', 'docker.io', 'registry-1.docker.io', 'acme.com']) {
      expect(await readDockerCredentials(host, options), host).toBeDefined();
    }
    for (const host of [
      'quay.io',
      'acme.com:5000',
      'www.acme.com',
      'acme.co',
      'acme.com.evil.com',
      'constructor',
      'toString',
    ]) {
      expect(await readDockerCredentials(host, options), host).toBeUndefined();
    }
  });

  it('is looked for where Docker and Podman have it', async () => {
    const { home, environment, write } = await credentialFolder();
    const entry = (name: string) => ({ auths: { 'acme.com': { auth: authOf(name, 'word') } } });
    const user = async (variables: NodeJS.ProcessEnv) => {
      const options = { environment: { ...environment, ...variables }, homeFolder: home };
      return (await describeCredentials('acme.com', options))?.username;
    };
    const only = await write('only.json', entry('only'));
    await write('run/containers/auth.json', entry('podman'));
    const XDG_RUNTIME_DIR = join(home, 'run');
    expect(await user({})).toBeUndefined();
    expect(await user({ XDG_RUNTIME_DIR })).toBe('podman');
    await write(CONFIG, entry('docker'));
    expect(await user({ XDG_RUNTIME_DIR })).toBe('docker');
    await write('elsewhere/config.json', entry('elsewhere'));
    expect(await user({ DOCKER_CONFIG: join(home, 'elsewhere') })).toBe('elsewhere');
    expect(await user({ DOCKER_CONFIG: join(home, 'nowhere') })).toBeUndefined();
    expect(
      await user({ REGISTRY_AUTH_FILE: only, XDG_RUNTIME_DIR, DOCKER_CONFIG: join(home, 'elsewhere') }),
    ).toBe('only');
    expect(await user({ REGISTRY_AUTH_FILE: join(home, 'none.json') })).toBeUndefined();
    expect(await user({ DOCKER_CONFIG: '', REGISTRY_AUTH_FILE: '' })).toBe('docker');
  });

  it.each(['{"auths": "s3cret"', '[]', '"s3cret"'])(
    'that is damaged is said so, and not quoted: %s',
    async (text) => {
      const { options, write } = await credentialFolder();
      const file = await write(CONFIG, {});
      await writeFile(file, text);
      const error: unknown = await readDockerCredentials('acme.com', options).catch(
        (failure: unknown) => failure,
      );
      expect(error).toMatchObject({ code: 'RW_OPTION_INVALID', where: file });
      expect(inspect(error, { showHidden: true })).not.toContain('s3cret');
      await writeFile(file, '');
      expect(await readDockerCredentials('acme.com', options)).toBeUndefined();
    },
  );

  it.each([
    { auths: null },
    { auths: { 'acme.com': null } },
    { auths: { 'acme.com': { auth: 1 } } },
    { auths: { 'acme.com': { auth: '%%%' } } },
    { credHelpers: { 'acme.com': 1 } },
    { credsStore: {} },
  ])('of another form holds nothing: %j', async (content) => {
    const { options, write } = await credentialFolder();
    await write(CONFIG, content);
    expect(await readDockerCredentials('acme.com', options)).toBeUndefined();
  });
});

describe('a credential helper', () => {
  it('is asked for its host, by the name that the host is logged in to', async () => {
    const { home, options, write, program } = await credentialFolder();
    await program(
      'mine',
      `cat > ${home}/asked; printf '{"ServerURL":"x","Username":"robot","Secret":"from-the-helper"}'`,
    );
    await program('all', `printf '{"Username":"<token>","Secret":"identity"}'`);
    const file = await write(CONFIG, {
      credHelpers: { 'ghcr.io': 'mine', 'docker.io': 'mine' },
      credsStore: 'all',
    });
    expect(await readDockerCredentials('ghcr.io', options)).toEqual({
      credentials: { username: 'robot', password: 'from-the-helper' },
      source: `docker-credential-mine, named in ${file}`,
    });
    expect(await readFile(join(home, 'asked'), 'utf8')).toBe('ghcr.io');
    await readDockerCredentials('registry-1.docker.io', options);
    expect(await readFile(join(home, 'asked'), 'utf8')).toBe('https://index.docker.io/v1/');
    expect((await readDockerCredentials('acme.com', options))?.credentials).toEqual({
      identityToken: 'identity',
    });
    expect(await describeCredentials('acme.com', options)).toEqual({
      source: `docker-credential-all, named in ${file}`,
      username: undefined,
    });
  });

  it.each([
    'echo "credentials not found in native keychain"; exit 1',
    `printf '{"Username":"","Secret":""}'`,
  ])('that has none leaves it to the file, and to the next one: %s', async (script) => {
    const { options, write, program } = await credentialFolder();
    await program('none', script);
    await write(CONFIG, { credsStore: 'none' });
    expect(await readDockerCredentials('acme.com', options)).toBeUndefined();
    await write(CONFIG, { credsStore: 'none', auths: { 'acme.com': { auth: authOf('robot', 'word') } } });
    expect(await readDockerCredentials('acme.com', options)).toMatchObject({
      credentials: { username: 'robot' },
    });
  });

  it.each([
    ['fails', 'echo s3cret; echo s3cret >&2; exit 3', /failed \(exit code 3\)/],
    ['is killed', 'echo s3cret; kill -9 $$', /failed \(SIGKILL\)/],
    ['answers with something else', 'echo s3cret', /did not answer with/],
    ['answers with half of it', `printf '{"Secret":"s3cret"}'`, /did not answer with/],
    ['answers without end', 'while :; do echo s3crets3crets3crets3crets3crets3crets3cret; done', /too long/],
  ])('that %s is named, and what it said is not shown', async (_, script, message) => {
    const { options, write, program } = await credentialFolder();
    await program('bad', script);
    await write(CONFIG, { credsStore: 'bad' });
    const error: unknown = await readDockerCredentials('acme.com', options).catch(
      (failure: unknown) => failure,
    );
    expect(error).toMatchObject({
      code: 'RW_REGISTRY_DENIED',
      where: 'acme.com',
      message: expect.stringMatching(message),
    });
    expect(String(error)).toContain('docker-credential-bad');
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('s3cret');
  });

  it('that is not installed is said so', async () => {
    const { options, write } = await credentialFolder();
    await write(CONFIG, { credsStore: 'missing' });
    await expect(readDockerCredentials('acme.com', options)).rejects.toMatchObject({
      code: 'RW_REGISTRY_DENIED',
      message: expect.stringContaining('docker-credential-missing'),
      hint: expect.stringContaining('Install'),
    });
  });

  it.each(['../../evil', 'a b', 'a;b', 'a/b', '$(x)'])(
    'whose name is no name of a program is not run: %s',
    async (name) => {
      const { options, write } = await credentialFolder();
      await write(CONFIG, { credsStore: name });
      await expect(readDockerCredentials('acme.com', options)).rejects.toMatchObject({
        code: 'RW_REGISTRY_DENIED',
        message: expect.stringContaining('no name of a program'),
      });
    },
  );

  it('that does not answer is ended', async () => {
    const { environment, program } = await credentialFolder();
    await program('slow', 'exec sleep 20');
    const start = performance.now();
    await expect(
      runCredentialHelper({
        helper: 'slow',
        verb: 'get',
        input: 'acme.com',
        host: 'acme.com',
        file: 'config.json',
        environment,
        limit: 300,
      }),
    ).rejects.toMatchObject({ code: 'RW_REGISTRY_DENIED', message: expect.stringContaining('within 0.3 s') });
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('that does not read its input is no trouble', async () => {
    const { options, write, program } = await credentialFolder();
    await program('deaf', `exec 0<&-; printf '{"Username":"robot","Secret":"word"}'`);
    await write(CONFIG, { credsStore: 'deaf' });
    expect(await readDockerCredentials('acme.com', options)).toMatchObject({
      credentials: { username: 'robot' },
    });
  });
});
