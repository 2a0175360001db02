import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { installRequirements } from '../../src/packer/requirements/installRequirements';
import type { LockedRequirements } from '../../src/packer/requirements/LockedRequirements';
import { lockRequirements } from '../../src/packer/requirements/lockRequirements';
import { writeCodeTar } from '../../src/packer/archive/writeCodeTar';

/** A registry on this machine, as far as npm needs one. */
interface TestRegistry {
  readonly server: Server;
  readonly url: string;
  readonly requests: string[];
  readonly tokens: (string | undefined)[];
  /** When set, tarballs are never answered. */
  stalled: boolean;
}

interface PackageJson {
  name: string;
  version: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  scripts?: Record<string, string>;
  os?: string[];
}

const run = promisify(execFile);

const integrityOf = (bytes: Buffer) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

async function startRegistry(packages: readonly PackageJson[]): Promise<TestRegistry> {
  const tarballs = new Map<string, Buffer>();
  for (const manifest of packages) {
    const tar = await writeCodeTar(
      new Map([
        ['package/package.json', Buffer.from(JSON.stringify({ main: 'index.js', ...manifest }))],
        ['package/index.js', Buffer.from(`module.exports = '${manifest.name}@${manifest.version}';`)],
      ]),
    );
    tarballs.set(`/${manifest.name}/-/${manifest.version}.tgz`, gzipSync(tar));
  }
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    registry.requests.push(path);
    registry.tokens.push(request.headers.authorization);
    const tarball = tarballs.get(path);
    if (tarball !== undefined) {
      if (!registry.stalled) response.end(tarball);
      return;
    }
    const versions = packages.filter(({ name }) => `/${name}` === path);
    if (versions.length === 0) {
      response.writeHead(404).end('{}');
      return;
    }
    const documents = versions.map((manifest) => {
      const place = `/${manifest.name}/-/${manifest.version}.tgz`;
      const dist = {
        tarball: registry.url + place,
        integrity: integrityOf(tarballs.get(place) ?? Buffer.alloc(0)),
      };
      return [
        manifest.version,
        { ...manifest, dist, ...(manifest.scripts === undefined ? {} : { hasInstallScript: true }) },
      ] as const;
    });
    const body = {
      name: versions[0]?.name,
      'dist-tags': { latest: versions.at(-1)?.version },
      versions: Object.fromEntries(documents),
    };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const registry: TestRegistry = {
    server,
    url: `http://127.0.0.1:${port}`,
    requests: [],
    tokens: [],
    stalled: false,
  };
  return registry;
}

const SCRIPT = { install: "node -e \"require('fs').writeFileSync('built.txt', 'yes')\"" };
const PACKAGES: PackageJson[] = [
  { name: 'leaf', version: '1.0.0' },
  { name: 'leaf', version: '2.0.0' },
  { name: 'middle', version: '1.0.0', dependencies: { leaf: '^1.0.0' } },
  {
    name: '@scope/top',
    version: '3.1.0',
    dependencies: { leaf: '^2.0.0', middle: '*' },
    optionalDependencies: { 'only-plan9': '1.0.0' },
  },
  { name: 'only-plan9', version: '1.0.0', os: ['plan9'] },
  { name: 'plugin', version: '1.0.0', peerDependencies: { leaf: '1' } },
  { name: 'builds', version: '1.0.0', scripts: SCRIPT },
  { name: 'builds-too', version: '1.0.0', scripts: SCRIPT, dependencies: { builds: '1.0.0' } },
  {
    name: 'fails',
    version: '1.0.0',
    scripts: { install: 'node -e "console.error(\'no compiler here\'); process.exit(3)"' },
  },
];

let registry: TestRegistry;
let root: string;
let store: string;
const environment = { ...process.env };

beforeAll(async () => {
  registry = await startRegistry(PACKAGES);
});
afterAll(() => {
  registry.server.closeAllConnections();
  registry.server.close();
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'runwright-requirements-'));
  store = join(root, 'store');
  await mkdir(join(root, 'project'));
  // What a user's .npmrc does, and a cache of its own: nothing may come out of an earlier test.
  const token = `//${registry.url.slice('http://'.length)}/:_authToken=sesame`;
  await writeFile(join(root, '.npmrc'), `registry=${registry.url}/\n${token}\nfetch-retries=0\n`);
  process.env['npm_config_userconfig'] = join(root, '.npmrc');
  process.env['npm_config_cache'] = join(root, 'cache');
  delete process.env['npm_config_registry'];
  registry.requests.length = 0;
  registry.tokens.length = 0;
  registry.stalled = false;
});
afterEach(async () => {
  process.env = { ...environment };
  await rm(root, { recursive: true, force: true, maxRetries: 3 });
});

/** Installs a project with the user's own npm, as the user would. */
async function project(manifest: object, folder = join(root, 'project')): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'project', version: '1.0.0', ...manifest }),
  );
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  return folder;
}

/** What a package says when it is required from the installed folder. */
function load(nodeModules: string | undefined, name: string, from = ''): unknown {
  if (nodeModules === undefined) throw new Error('nothing was installed');
  return createRequire(join(nodeModules, from, 'some.js'))(name);
}

const bare = (...names: [string, string][]): LockedRequirements => ({
  packages: names.map(([name, version]) => ({ name, version })),
  lock: null,
});

describe('requirements with a lockfile', () => {
  it('are installed as they were locked: nested versions, scopes, optional ones of other platforms', async () => {
    const from = await project({ dependencies: { '@scope/top': '3.1.0', leaf: '2.0.0' } });
    const locked = await lockRequirements({
      specs: ['@scope/top'],
      natives: [{ name: 'leaf', version: '2.0.0' }],
      from,
    });
    expect(Object.keys(locked.lock?.packages ?? {})).toContain('node_modules/only-plan9');
    registry.requests.length = 0;
    const installed = await installRequirements(locked, { store });
    expect(installed?.scriptsSkipped).toEqual([]);
    const { nodeModules } = installed ?? {};
    expect(load(nodeModules, '@scope/top')).toBe('@scope/top@3.1.0');
    expect(load(nodeModules, 'leaf')).toBe('leaf@2.0.0');
    expect(load(nodeModules, 'leaf', 'middle')).toBe('leaf@1.0.0');
    expect(await readdir(nodeModules ?? '')).not.toContain('only-plan9');
    expect((await readdir(store)).length).toBe(1);
  });

  it('of a workspace are installed apart from the rest, at its own versions', async () => {
    const app = join(root, 'project/packages/app');
    await mkdir(app, { recursive: true });
    const own = { name: 'app', version: '1.0.0', dependencies: { leaf: '2.0.0', middle: '1.0.0' } };
    await writeFile(join(app, 'package.json'), JSON.stringify(own));
    await project({ workspaces: ['packages/*'], dependencies: { leaf: '1.0.0', plugin: '1.0.0' } });
    const locked = await lockRequirements({ specs: ['leaf', 'middle', 'plugin'], natives: [], from: app });
    const { nodeModules } = (await installRequirements(locked, { store })) ?? {};
    expect(load(nodeModules, 'leaf')).toBe('leaf@2.0.0');
    expect(load(nodeModules, 'leaf', 'middle')).toBe('leaf@1.0.0');
    // Its peer was the root's leaf, not the workspace's.
    expect(load(nodeModules, 'leaf', 'plugin')).toBe('leaf@1.0.0');
  });

  it('hold when the project had overrides and no peers', async () => {
    await writeFile(join(root, 'project/.npmrc'), 'legacy-peer-deps=true\n');
    const from = await project({
      dependencies: { middle: '1.0.0', plugin: '1.0.0' },
      overrides: { leaf: '2.0.0' },
    });
    const locked = await lockRequirements({ specs: ['middle', 'plugin'], natives: [], from });
    await writeFile(join(root, '.npmrc'), `registry=${registry.url}/\nstrict-peer-deps=true\n`);
    const { nodeModules } = (await installRequirements(locked, { store })) ?? {};
    expect(load(nodeModules, 'leaf', 'middle')).toBe('leaf@2.0.0');
    expect(load(nodeModules, 'leaf', 'plugin')).toBe('leaf@2.0.0');
  });

  it('whose bytes are others than locked are refused, at any depth', async () => {
    const from = await project({ dependencies: { middle: '1.0.0' } });
    const locked = await lockRequirements({ specs: ['middle'], natives: [], from });
    for (const place of ['node_modules/middle', 'node_modules/leaf']) {
      const packages = { ...locked.lock?.packages };
      const entry = packages[place];
      if (entry === undefined) throw new Error(`${place} is not locked`);
      packages[place] = { ...entry, integrity: integrityOf(Buffer.from('other bytes')) };
      const tampered: LockedRequirements = { ...locked, lock: { lockfileVersion: 3, packages } };
      await expect(installRequirements(tampered, { store })).rejects.toMatchObject({
        code: 'RW_REQUIREMENT_INSTALL',
        what: expect.stringContaining('EINTEGRITY') as unknown,
        hint: expect.stringContaining('other bytes') as unknown,
      });
      expect(await readdir(store)).toEqual([]);
    }
  });
});

describe('requirements without a lockfile', () => {
  it('are none for an empty list', async () => {
    expect(await installRequirements({ packages: [], lock: null }, { store })).toBeNull();
    await expect(readdir(store)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('are installed once and used at once from then on, also without npm', async () => {
    const locked = bare(['middle', '1.0.0']);
    const first = await installRequirements(locked, { store });
    expect(load(first?.nodeModules, 'middle')).toBe('middle@1.0.0');
    expect(new Set(registry.tokens)).toEqual(new Set(['Bearer sesame']));
    registry.requests.length = 0;
    process.env['PATH'] = '';
    expect(await installRequirements(locked, { store })).toEqual(first);
    expect(registry.requests).toEqual([]);
  });

  it('are installed alike under the settings that an outer npm command hands down', async () => {
    Object.assign(process.env, {
      npm_config_global: 'true',
      npm_config_dry_run: 'true',
      npm_config_omit: 'optional',
      npm_config_local_prefix: join(root, 'project'),
      npm_config_package_lock: 'false',
      npm_config_loglevel: 'silent',
      NODE_ENV: 'production',
    });
    const { nodeModules } = (await installRequirements(bare(['leaf', '1.0.0']), { store })) ?? {};
    expect(load(nodeModules, 'leaf')).toBe('leaf@1.0.0');
    const locked = await lockOf('leaf');
    const again = await installRequirements(locked, { store });
    expect(load(again?.nodeModules, 'leaf')).toBe('leaf@1.0.0');
    async function lockOf(name: string): Promise<LockedRequirements> {
      const packages = { [`node_modules/${name}`]: { version: '1.0.0' } };
      return Promise.resolve({
        packages: [{ name, version: '1.0.0' }],
        lock: { lockfileVersion: 3, packages },
      });
    }
  });

  it('installed by several at once end up as one entry', async () => {
    const locked = bare(['leaf', '1.0.0']);
    const all = await Promise.all([1, 2].map(() => installRequirements(locked, { store })));
    expect(new Set(all.map((each) => each?.nodeModules)).size).toBe(1);
    expect((await readdir(store)).length).toBe(1);
  });
});

describe('install scripts', () => {
  const locked = bare(['builds-too', '1.0.0']);
  const built = async (nodeModules: string | undefined, name: string) =>
    (await readdir(join(nodeModules ?? '', name))).includes('built.txt');

  it('do not run, and the result says whose', async () => {
    const installed = await installRequirements(locked, { store });
    expect(installed?.scriptsSkipped).toEqual(['builds', 'builds-too']);
    expect(await built(installed?.nodeModules, 'builds')).toBe(false);
    expect(await built(installed?.nodeModules, 'builds-too')).toBe(false);
  });

  it('run for those that are allowed only, in an entry of its own, under a lock too', async () => {
    const without = await installRequirements(locked, { store });
    const lines: string[] = [];
    // An .npmrc that turns scripts off protects against the ones that nobody asked for.
    process.env['npm_config_ignore_scripts'] = 'true';
    process.env['npm_config_strict_allow_scripts'] = 'true';
    const allowed = {
      store,
      allowScripts: ['builds', 'unknown'],
      onOutput: (line: string) => lines.push(line),
    };
    const some = await installRequirements(locked, allowed);
    expect(some?.scriptsSkipped).toEqual(['builds-too']);
    expect(some?.nodeModules).not.toBe(without?.nodeModules);
    expect(await built(some?.nodeModules, 'builds')).toBe(true);
    expect(await built(some?.nodeModules, 'builds-too')).toBe(false);
    expect(lines.join('\n')).toContain('builds@1.0.0 install');
    delete process.env['npm_config_ignore_scripts'];
    const from = await project({ dependencies: { 'builds-too': '1.0.0' } });
    const withLock = await lockRequirements({ specs: ['builds-too'], natives: [], from });
    expect(withLock.lock?.packages['node_modules/builds']?.hasInstallScript).toBe(true);
    const under = await installRequirements(withLock, allowed);
    expect(under?.scriptsSkipped).toEqual(['builds-too']);
    expect(await built(under?.nodeModules, 'builds')).toBe(true);
    expect(await built(under?.nodeModules, 'builds-too')).toBe(false);
  });

  it('that fail make the install fail, with what they said', async () => {
    const failing = installRequirements(bare(['fails', '1.0.0']), { store, allowScripts: ['fails'] });
    await expect(failing).rejects.toMatchObject({ code: 'RW_REQUIREMENT_INSTALL', where: 'npm rebuild' });
    await expect(failing).rejects.toThrow(/no compiler here/);
    expect(await readdir(store)).toEqual([]);
  });
});

describe('an install that fails', () => {
  it.each<[string, () => LockedRequirements, RegExp]>([
    [
      'for a version that does not exist',
      () => bare(['leaf', '9.9.9']),
      /ETARGET[^]*\.npmrc names the registry/,
    ],
    [
      'for a package that does not exist',
      () => bare(['nobody-made-this', '1.0.0']),
      /E404[^]*\.npmrc names the registry/,
    ],
    ['for another platform', () => bare(['only-plan9', '1.0.0']), /EBADPLATFORM[^]*platform/],
  ])('%s says so in npm\u2019s words and tells what to do', async (_, locked, message) => {
    const error: unknown = await installRequirements(locked(), { store }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'RW_REQUIREMENT_INSTALL', where: 'npm install' });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('complete log');
    expect(await readdir(store)).toEqual([]);
  });

  it('without a network says to check it', async () => {
    const closed = await startRegistry([]);
    closed.server.close();
    await writeFile(join(root, '.npmrc'), `registry=${closed.url}/\nfetch-retries=0\n`);
    await expect(installRequirements(bare(['leaf', '1.0.0']), { store })).rejects.toThrow(
      /ECONNREFUSED[^]*could not be reached/,
    );
  });

  it('without npm says how to get it', async () => {
    process.env['PATH'] = root;
    await expect(installRequirements(bare(['leaf', '1.0.0']), { store })).rejects.toMatchObject({
      code: 'RW_REQUIREMENT_INSTALL',
      what: 'npm was not found',
    });
    expect(await readdir(store)).toEqual([]);
  });

  it('for a store that cannot be made names it', async () => {
    await writeFile(store, 'a file');
    await expect(installRequirements(bare(['leaf', '1.0.0']), { store })).rejects.toMatchObject({
      code: 'RW_REQUIREMENT_INSTALL',
      where: store,
    });
  });

  it('for being stopped ends npm and all that it started', async () => {
    registry.stalled = true;
    const stop = new AbortController();
    const installing = installRequirements(bare(['leaf', '1.0.0']), { store, signal: stop.signal });
    while (!registry.requests.some((path) => path.endsWith('.tgz')))
      await new Promise((next) => setTimeout(next, 20));
    stop.abort();
    await expect(installing).rejects.toMatchObject({ code: 'RW_ABORTED' });
    expect(await readdir(store)).toEqual([]);
    const again = installRequirements(bare(['leaf', '1.0.0']), { store, signal: stop.signal });
    await expect(again).rejects.toMatchObject({ code: 'RW_ABORTED' });
  });

  it('for being killed leaves nothing that others see, and is cleaned up later', async () => {
    // A stand-in for npm that a killed installer was running.
    const bin = join(root, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'npm'), '#!/bin/sh\nmkdir node_modules\nsleep 60\n');
    await chmod(join(bin, 'npm'), 0o755);
    const aside = join(store, '.tmp-killed');
    await mkdir(aside, { recursive: true });
    const killed = spawn(join(bin, 'npm'), { cwd: aside, detached: true, stdio: 'ignore' });
    await new Promise((started) => killed.once('spawn', started));
    process.kill(-(killed.pid ?? 0), 'SIGKILL');
    const { nodeModules } = (await installRequirements(bare(['leaf', '1.0.0']), { store })) ?? {};
    expect(load(nodeModules, 'leaf')).toBe('leaf@1.0.0');
    expect(await readdir(store)).toContain('.tmp-killed');
    const before = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);
    await utimes(aside, before, before);
    await installRequirements(bare(['leaf', '2.0.0']), { store });
    expect(await readdir(store)).not.toContain('.tmp-killed');
  });
});

describe('the public registry', () => {
  it('gives is-odd and what it requires, by a lock without addresses', async ({ skip }) => {
    process.env = { ...environment };
    try {
      await run('npm', ['view', 'is-odd@3.0.1', 'version', '--fetch-retries=0'], { timeout: 20_000 });
    } catch (cause) {
      if (environment['RUNWRIGHT_REQUIRE_INTEROP'] === '1')
        throw new Error('the npm registry does not answer', { cause });
      skip('the npm registry does not answer');
    }
    const from = await project({ dependencies: { 'is-odd': '3.0.1' } });
    const locked = await lockRequirements({ specs: ['is-odd'], natives: [], from });
    expect(locked.lock?.packages['node_modules/is-number']?.integrity).toMatch(/^sha512-/);
    expect(JSON.stringify(locked)).not.toContain('http');
    const { nodeModules } = (await installRequirements(locked, { store })) ?? {};
    expect((load(nodeModules, 'is-odd') as (value: number) => boolean)(3)).toBe(true);
  });
});
