import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  lstatSync,
  readdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkVesslToken } from '../../../../src/registry/vessl/checkVesslToken';
import { describeVesslCredentials } from '../../../../src/registry/vessl/describeVesslCredentials';
import { readVesslOrganization, readVesslToken } from '../../../../src/registry/vessl/readVesslToken';
import { storeVesslCredentials } from '../../../../src/registry/vessl/storeVesslCredentials';
import { VesslAuthorizer } from '../../../../src/registry/vessl/VesslAuthorizer';
import { TestVesslPlatform } from '../../../registry/TestVesslPlatform';

const SECRET = 'vessl-very-secret';

describe("VESSL's credentials", () => {
  let home = '';
  let config = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'runwright-vessl-'));
    config = join(home, 'settings', 'config');
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
  });
  const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    VESSL_CONFIG_PATH: config,
    ...more,
  });
  const write = (path: string, text: string): string => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  const authorize = (more?: NodeJS.ProcessEnv) =>
    new VesslAuthorizer('https://host', 'vessl://acme', environment(more));

  it('are looked up in the order of the SDK', async () => {
    const file = write(
      join(home, 'file'),
      '[user]\naccess_token = "of-file"\ndefault_organization = "filed"\n',
    );
    const none = write(join(home, 'none'), '[other]\n');
    expect(await readVesslToken(environment())).toEqual({ source: config });
    write(config, '[user]\naccess_token = "of-config"\ndefault_organization = "configured"\n');
    expect(await readVesslToken(environment())).toEqual({ token: 'of-config', source: config });
    expect(await readVesslOrganization(environment())).toBe('configured');
    const filed = environment({ VESSL_CREDENTIALS_FILE: file });
    expect(await readVesslToken(filed)).toEqual({ token: 'of-file', source: file });
    expect(await readVesslOrganization(filed)).toBe('filed');
    // Named, it ends the search.
    expect(await readVesslToken(environment({ VESSL_CREDENTIALS_FILE: none }))).toEqual({ source: none });
    const given = { ...filed, VESSL_ACCESS_TOKEN: 'given', VESSL_DEFAULT_ORGANIZATION: 'named' };
    expect(await readVesslToken(given)).toEqual({ token: 'given', source: 'VESSL_ACCESS_TOKEN' });
    expect(await readVesslOrganization(given)).toBe('named');
  });

  it('are described without the token', async () => {
    write(config, `[user]\naccess_token = "${SECRET}"\ndefault_organization = "acme"\n`);
    const described = await describeVesslCredentials(environment());
    expect(described).toEqual({ source: config, file: config, organization: 'acme' });
    expect(await describeVesslCredentials({ VESSL_CONFIG_PATH: join(home, 'none') })).toEqual({
      file: join(home, 'none'),
    });
  });

  it('are stored where they are looked up, for this user alone, and the rest stays', async () => {
    expect(await storeVesslCredentials({ token: SECRET, organization: 'acme' }, environment())).toBe(config);
    expect(readFileSync(config, 'utf8')).toBe(
      `[user]\naccess_token = "${SECRET}"\ndefault_organization = "acme"\n`,
    );
    if (process.platform !== 'win32') expect(statSync(config).mode & 0o777).toBe(0o600);
    write(
      config,
      '[user]\nworkspace = 7\naccess_token = "old"\ndefault_organization = "acme"\n\n[more]\nlist = [1, 2]\n',
    );
    await storeVesslCredentials({ token: 'new' }, environment());
    expect(await readVesslToken(environment())).toMatchObject({ token: 'new' });
    expect(await readVesslOrganization(environment())).toBe('acme');
    expect(readFileSync(config, 'utf8')).toMatch(/workspace = 7[^]*\[more\]\nlist = \[ ?1, 2 ?\]/);
    expect(readdirSync(join(config, '..'))).toEqual(['config']);
  });

  it.skipIf(process.platform === 'win32')('stay behind a link', async () => {
    const kept = write(join(home, 'dotfiles'), '');
    mkdirSync(join(config, '..'));
    symlinkSync(kept, config);
    await storeVesslCredentials({ token: 'new' }, environment());
    expect(lstatSync(config).isSymbolicLink()).toBe(true);
    expect(readFileSync(kept, 'utf8')).toContain('"new"');
  });

  it('are not stored against the will of VESSL_SAVE_CONFIG', async () => {
    await expect(
      storeVesslCredentials({ token: 'new' }, environment({ VESSL_SAVE_CONFIG: 'false' })),
    ).rejects.toMatchObject({ code: 'RW_OPTION_INVALID', where: 'VESSL_SAVE_CONFIG' });
  });

  it('say what to do when there are none, and repeat nothing of a file that is no TOML', async () => {
    await expect(authorize().headers()).rejects.toMatchObject({
      code: 'RW_REGISTRY_DENIED',
      where: 'vessl://acme',
      hint: expect.stringContaining('runwright login') as unknown,
    });
    write(config, `[user]\naccess_token = "${SECRET}\n`);
    const failure: unknown = await authorize()
      .headers()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'RW_REGISTRY_DENIED', where: config });
    expect(inspect(failure, { depth: 9 })).not.toContain(SECRET);
    const split: unknown = await authorize({ VESSL_ACCESS_TOKEN: `${SECRET}\r\nx: y` })
      .headers()
      .catch((error: unknown) => error);
    expect(split).toMatchObject({ code: 'RW_REGISTRY_DENIED' });
    expect(inspect(split, { depth: 9 })).not.toContain(SECRET);
  });

  it('are read again when they are refused', async () => {
    write(config, '[user]\naccess_token = "old"\n');
    const authorizer = authorize();
    expect((await authorizer.headers()).authorization).toBe('Token old');
    expect(await authorizer.refused()).toBe(false);
    await storeVesslCredentials({ token: 'new' }, environment());
    expect(await authorizer.refused()).toBe(true);
    expect((await authorizer.headers()).authorization).toBe('Token new');
  });

  it('are checked by asking whose they are', async () => {
    const platform = await TestVesslPlatform.start();
    try {
      const apiHost = new URL(platform.origin);
      expect(await checkVesslToken(platform.token, apiHost, {})).toEqual({
        username: 'dev',
        organizations: ['acme'],
      });
      const failure: unknown = await checkVesslToken(SECRET, apiHost, {}).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'RW_REGISTRY_DENIED' });
      expect(inspect(failure, { depth: 9 })).not.toContain(SECRET);
    } finally {
      await platform.stop();
    }
  });
});
