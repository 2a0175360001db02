import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunwrightError } from '../../../src/errors/RunwrightError';
import { lockRequirements } from '../../../src/packer/requirements/lockRequirements';
import { parseLockedRequirements } from '../../../src/packer/requirements/parseLockedRequirements';
import { requirementName } from '../../../src/packer/requirements/requirementName';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'runwright-requirements-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), typeof value === 'string' ? value : JSON.stringify(value));
}
const install = (name: string, version: string, below = '') =>
  put(join(below, 'node_modules', name, 'package.json'), { name, version });
const putLock = (packages: Record<string, object>, below = '') =>
  put(join(below, 'package-lock.json'), {
    lockfileVersion: 3,
    packages: { '': { name: 'project' }, ...packages },
  });
const lock = (specs: string[], natives: { name: string; version: string }[] = [], below = '') =>
  lockRequirements({ specs, natives, from: join(root, below) });

const HASH = (letter: string) => `sha512-${letter.repeat(86)}==`;
const registry = (name: string, version: string, letter = 'A') => ({
  version,
  resolved: `https://registry.example/${name}/-/${name}-${version}.tgz`,
  integrity: HASH(letter),
});

describe('specs without a lockfile', () => {
  it('become exact versions, sorted by name', async () => {
    await install('left-pad', '1.3.0');
    await install('@scope/x', '2.0.0-rc.1');
    await mkdir(join(root, 'src/deep'), { recursive: true });
    const locked = await lock(
      ['left-pad', 'zed@0.1.0', '@scope/x'],
      [{ name: 'sharp', version: '0.34.1' }],
      'src/deep',
    );
    expect(locked).toEqual({
      packages: [
        { name: '@scope/x', version: '2.0.0-rc.1' },
        { name: 'left-pad', version: '1.3.0' },
        { name: 'sharp', version: '0.34.1' },
        { name: 'zed', version: '0.1.0' },
      ],
      lock: null,
    });
  });

  it('are none when there are none, whatever the lockfile', async () => {
    await put('package-lock.json', 'not JSON');
    expect(await lock([])).toEqual({ packages: [], lock: null });
  });

  it('take the nearest installed version, and another one when it is written', async () => {
    await install('left-pad', '1.3.0');
    await install('left-pad', '1.2.0', 'app');
    expect((await lock(['left-pad'], [], 'app')).packages).toEqual([{ name: 'left-pad', version: '1.2.0' }]);
    expect((await lock(['left-pad@1.1.0'], [], 'app')).packages).toEqual([
      { name: 'left-pad', version: '1.1.0' },
    ]);
  });

  it.each([
    ['left-pad@^1.3.0', /range/],
    ['left-pad@1.x', /range/],
    ['left-pad@', /range/],
    ['left-pad@v1.3.0', /range/],
    ['left-pad@1.3.0+build', /range/],
    ['left-pad@>=1 <2', /range/],
    ['left-pad@latest', /tag/],
    ['left-pad@npm:other@1.0.0', /alias/],
    ['left-pad@workspace:*', /workspace/],
    ['left-pad@file:../left-pad', /file or a folder/],
    ['left-pad@link:../left-pad', /file or a folder/],
    ['left-pad@../left-pad', /file or a folder/],
    ['left-pad@left-pad-1.3.0.tgz', /file or a folder/],
    ['left-pad@git+ssh://git@host/left-pad.git', /git repository/],
    ['left-pad@github:user/left-pad', /git repository/],
    ['left-pad@user/left-pad', /git repository/],
    ['left-pad@https://host/left-pad-1.3.0.tgz', /URL/],
  ])('are refused as %s, and told the installed version', async (spec, what) => {
    await install('left-pad', '1.3.0');
    await expect(lock([spec])).rejects.toMatchObject({
      code: 'RW_REQUIREMENT_INVALID',
      where: 'left-pad',
      what: expect.stringMatching(what) as unknown,
      hint: 'Write left-pad@1.3.0, the version that is installed in the project',
    });
  });

  it.each([
    ['https://user:secret@host/x.tgz', /URL/],
    ['git+https://secret@host/x.git', /git/],
    ['user/repo', /git/],
    ['./x', /file/],
    ['C:\\x', /file/],
    ['', /not the name/],
    ['@scope', /not the name/],
    ['../../etc@1.0.0', /file/],
    ['node_modules', /not the name/],
    ['a b@1.0.0', /not the name/],
    ['--registry=http://evil@1.0.0', /not the name|URL/],
  ])('that name no package are refused without echoing them: %j', async (spec, what) => {
    const error: unknown = await lock([spec]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'RW_REQUIREMENT_INVALID',
      what: expect.stringMatching(what) as unknown,
    });
    expect((error as Error).message).not.toContain('secret');
    expect(() => requirementName(spec)).toThrow(what);
  });

  it('give their name to who asks for it', () => {
    expect(['left-pad', 'left-pad@1', '@s/x@2.0.0', '@s/x'].map(requirementName)).toEqual([
      'left-pad',
      'left-pad',
      '@s/x',
      '@s/x',
    ]);
  });

  it('are refused when not installed, linked, contradictory, or without a version', async () => {
    await expect(lock(['left-pad'])).rejects.toThrow(/not installed.*npm install left-pad/);
    await expect(lock(['a@1.0.0', 'a@1.0.1'])).rejects.toThrow(/required at 1\.0\.0 and at 1\.0\.1/);
    await expect(lock(['a@1.0.0'], [{ name: 'a', version: '2.0.0' }])).rejects.toThrow(
      /at 2\.0\.0 and at 1\.0\.0/,
    );
    await put('packages/mine/package.json', { name: 'mine', version: '1.0.0' });
    await mkdir(join(root, 'node_modules'));
    await symlink(join(root, 'packages/mine'), join(root, 'node_modules/mine'), 'junction');
    await expect(lock(['mine'])).rejects.toThrow(/linked into node_modules/);
    await expect(lock([], [{ name: 'mine', version: '1.0.0' }])).rejects.toThrow(/linked into node_modules/);
    await install('odd', 'banana');
    await expect(lock(['odd'])).rejects.toThrow(/no exact version/);
  });

  it('follow links into a store, as pnpm makes them', async () => {
    await install('@scope/x', '1.2.3', 'node_modules/.pnpm/@scope+x@1.2.3');
    await mkdir(join(root, 'node_modules/@scope'));
    const real = join(root, 'node_modules/.pnpm/@scope+x@1.2.3/node_modules/@scope/x');
    await symlink(real, join(root, 'node_modules/@scope/x'), 'junction');
    await put('pnpm-lock.yaml', 'lockfileVersion: 9');
    expect(await lock(['@scope/x'])).toEqual({
      packages: [{ name: '@scope/x', version: '1.2.3' }],
      lock: null,
    });
  });
});

describe('with a lockfile', () => {
  it('the part that is reached travels along, without host, path and ranges', async () => {
    await install('a', '1.0.0');
    await putLock({
      'node_modules/a': {
        ...registry('a', '1.0.0'),
        dev: true,
        license: 'MIT',
        hasInstallScript: true,
        dependencies: { b: '^2.0.0', aliased: 'npm:real@^3' },
        optionalDependencies: { 'a-linux': '1.0.0', 'a-gone': '1.0.0' },
        peerDependencies: { peer: '>=1', absent: '*', unwanted: '*' },
        peerDependenciesMeta: { unwanted: { optional: true } },
        bin: { a: 'bin/a.js' },
        engines: { node: '>=18' },
      },
      'node_modules/b': registry('b', '1.0.0'),
      'node_modules/a/node_modules/b': { ...registry('b', '2.5.0', 'B'), dependencies: { c: '*' } },
      'node_modules/c': registry('c', '1.0.0'),
      'node_modules/aliased': { ...registry('real', '3.1.0'), name: 'real' },
      'node_modules/a-linux': {
        ...registry('a-linux', '1.0.0'),
        optional: true,
        os: ['linux'],
        cpu: ['x64'],
        libc: ['glibc'],
      },
      'node_modules/peer': { ...registry('peer', '1.1.0'), peer: true, dependencies: { a: '*' } },
      'node_modules/unwanted': registry('unwanted', '1.0.0'),
      'node_modules/unrelated': registry('unrelated', '1.0.0'),
    });
    const locked = await lock(['a']);
    expect(locked.packages).toEqual([{ name: 'a', version: '1.0.0', integrity: HASH('A') }]);
    expect(locked.lock).toEqual({
      lockfileVersion: 3,
      packages: {
        'node_modules/a': {
          version: '1.0.0',
          integrity: HASH('A'),
          dependencies: { peer: '1.1.0', b: '2.5.0', aliased: 'npm:real@3.1.0' },
          optionalDependencies: { 'a-linux': '1.0.0' },
          bin: { a: 'bin/a.js' },
          hasInstallScript: true,
        },
        'node_modules/a-linux': {
          version: '1.0.0',
          integrity: HASH('A'),
          os: ['linux'],
          cpu: ['x64'],
          libc: ['glibc'],
          optional: true,
        },
        'node_modules/a/node_modules/b': {
          version: '2.5.0',
          integrity: HASH('B'),
          dependencies: { c: '1.0.0' },
        },
        'node_modules/aliased': { name: 'real', version: '3.1.0', integrity: HASH('A') },
        'node_modules/c': { version: '1.0.0', integrity: HASH('A') },
        'node_modules/peer': { version: '1.1.0', integrity: HASH('A'), dependencies: { a: '1.0.0' } },
      },
    });
    expect(JSON.stringify(locked)).not.toMatch(/registry\.example|https/);
    expect(parseLockedRequirements(JSON.parse(JSON.stringify(locked)))).toEqual(locked);
  });

  it('a workspace takes its own versions, and displaces those of the root to where they are needed', async () => {
    await install('x', '2.0.0', 'packages/app');
    await install('y', '1.0.0');
    await put('packages/app/package.json', { name: 'app', dependencies: { x: '2', y: '1' } });
    await put('packages/app/src/package.json', { type: 'module' });
    await putLock({
      'packages/app': { name: 'app', dependencies: { x: '2', y: '1' } },
      'node_modules/app': { resolved: 'packages/app', link: true },
      'packages/app/node_modules/x': { ...registry('x', '2.0.0'), dependencies: { z: '*' } },
      'node_modules/x': {
        ...registry('x', '1.0.0'),
        dependencies: { z: '*', w: '*' },
        peerDependencies: { p: '*' },
      },
      'node_modules/x/node_modules/w': registry('w', '1.0.0'),
      'packages/app/node_modules/p': registry('p', '2.0.0'),
      'node_modules/p': registry('p', '1.0.0'),
      'node_modules/y': { ...registry('y', '1.0.0'), dependencies: { x: '1' } },
      'node_modules/z': registry('z', '1.0.0'),
    });
    const locked = await lock(['x', 'y', 'p@2.0.0'], [], 'packages/app/src');
    const places = Object.entries(locked.lock?.packages ?? {}).map(
      ([place, { version }]) => `${place}@${version}`,
    );
    expect(places).toEqual([
      'node_modules/p@2.0.0',
      'node_modules/x@2.0.0',
      'node_modules/y@1.0.0',
      'node_modules/y/node_modules/p@1.0.0',
      'node_modules/y/node_modules/x@1.0.0',
      'node_modules/y/node_modules/x/node_modules/w@1.0.0',
      'node_modules/z@1.0.0',
    ]);
  });

  it('the result does not depend on where the project stands or what it is called', async () => {
    const packages = {
      'node_modules/a': { ...registry('a', '1.0.0'), dependencies: { b: '1' } },
      'node_modules/b': registry('b', '1.0.0'),
    };
    await putLock(packages, 'one');
    await putLock({ ...packages, 'node_modules/other': registry('other', '1.0.0') }, 'two/deeper');
    await mkdir(join(root, 'two/deeper/src'), { recursive: true });
    expect(await lock(['a@1.0.0'], [], 'two/deeper/src')).toEqual(await lock(['a@1.0.0'], [], 'one'));
  });

  it('a requirement that it does not hold, or holds at another version, is refused with both ways out', async () => {
    await putLock({ 'node_modules/a': registry('a', '1.0.0') });
    await expect(lock(['b@1.0.0'])).rejects.toThrow(
      /not in the lockfile.*npm install --save-exact b@1\.0\.0/,
    );
    await expect(lock(['a@2.0.0'])).rejects.toThrow(/required at 2\.0\.0.* has 1\.0\.0.*Write a@1\.0\.0/);
    await expect(lock([], [{ name: 'a', version: '1.0.1' }])).rejects.toThrow(/npm ci/);
  });

  it.each<[string, Record<string, object>, RegExp]>([
    [
      'a git dependency',
      { 'node_modules/a': { version: '1.0.0', resolved: 'git+ssh://git@host/a.git#1' } },
      /git/,
    ],
    ['a tarball', { 'node_modules/a': { version: '1.0.0', resolved: 'file:a-1.0.0.tgz' } }, /file/],
    ['a link', { 'node_modules/a': { link: true, resolved: 'packages/a' } }, /linked/],
    ['an alias', { 'node_modules/a': { ...registry('b', '1.0.0'), name: 'b' } }, /alias of b/],
    [
      'a git dependency of a dependency',
      {
        'node_modules/a': { ...registry('a', '1.0.0'), dependencies: { b: 'github:user/b' } },
        'node_modules/b': registry('b', '1.0.0'),
      },
      /a > b: .*git/,
    ],
    [
      'a missing dependency',
      { 'node_modules/a': { ...registry('a', '1.0.0'), dependencies: { b: '1' } } },
      /does not hold b/,
    ],
  ])('%s is refused', async (_, packages, message) => {
    await putLock(packages);
    const error: unknown = await lock(['a@1.0.0']).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'RW_REQUIREMENT_INVALID' });
    expect((error as Error).message).toMatch(message);
  });

  it('one of npm 6, or a broken one, is refused by its path', async () => {
    await put('package-lock.json', { lockfileVersion: 1, dependencies: {} });
    await expect(lock(['a@1.0.0'])).rejects.toThrow(/package-lock\.json: .*npm 6.*--package-lock-only/);
    await put('package-lock.json', '{');
    await expect(lock(['a@1.0.0'])).rejects.toThrow(/package-lock\.json: the lockfile is not JSON/);
  });

  it('one further up counts only for its own workspaces', async () => {
    await putLock({ 'node_modules/a': registry('a', '1.0.0') });
    await put('elsewhere/package.json', { name: 'elsewhere' });
    expect((await lock(['a@1.0.0'], [], 'elsewhere')).lock).toBeNull();
    await mkdir(join(root, 'src'));
    expect((await lock(['a@1.0.0'], [], 'src')).lock).not.toBeNull();
    await put('yarned/yarn.lock', '');
    expect((await lock(['a@1.0.0'], [], 'yarned')).lock).toBeNull();
  });
});

describe('locked requirements of a package', () => {
  const good = {
    packages: [{ name: 'a', version: '1.0.0', integrity: HASH('A') }],
    lock: { lockfileVersion: 3, packages: { 'node_modules/a': { version: '1.0.0', integrity: HASH('A') } } },
  };
  const withPackage = (place: string, entry: unknown) => ({
    ...good,
    lock: { lockfileVersion: 3, packages: { ...good.lock.packages, [place]: entry } },
  });
  const withEntry = (fields: object) => withPackage('node_modules/b', { version: '1.0.0', ...fields });

  it('are taken when they are of the right form, without what is not known', () => {
    expect(parseLockedRequirements(good)).toEqual(good);
    const extra = withEntry({
      resolved: 'https://evil.example/b.tgz',
      link: true,
      scripts: { install: 'x' },
    });
    expect(parseLockedRequirements(extra).lock?.packages['node_modules/b']).toEqual({ version: '1.0.0' });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no list', { packages: {}, lock: null }],
    ['a range', { packages: [{ name: 'a', version: '^1.0.0' }], lock: null }],
    ['a git version', { packages: [{ name: 'a', version: 'github:x/y' }], lock: null }],
    ['a flag as name', { packages: [{ name: '--global', version: '1.0.0' }], lock: null }],
    ['a path as name', { packages: [{ name: '../a', version: '1.0.0' }], lock: null }],
    ['no lock field', { packages: good.packages }],
    ['another lockfile version', { ...good, lock: { lockfileVersion: 2, packages: {} } }],
    ['a direct one outside the lock', { ...good, lock: { lockfileVersion: 3, packages: {} } }],
    ['a place outside', withPackage('../../node_modules/b', { version: '1.0.0' })],
    ['a place with ..', withPackage('node_modules/../b', { version: '1.0.0' })],
    ['a place in a place', withPackage('node_modules/b/c/node_modules/d', { version: '1.0.0' })],
    ['the root', withPackage('', { version: '1.0.0' })],
    ['a workspace', withPackage('packages/b', { version: '1.0.0' })],
    ['a version that is a URL', withPackage('node_modules/b', { version: 'https://evil.example/b.tgz' })],
    ['a dependency by URL', withEntry({ dependencies: { c: 'https://evil.example/c.tgz' } })],
    ['an optional dependency by git', withEntry({ optionalDependencies: { c: 'git+ssh://evil.example/c' } })],
    ['an alias of a URL', withEntry({ dependencies: { c: 'npm:https://evil.example@1.0.0' } })],
    ['a bin outside', withEntry({ bin: { sh: '../../../bin/sh' } })],
    ['a bin with a path as name', withEntry({ bin: { '../../x': 'x.js' } })],
    ['an integrity that is none', withEntry({ integrity: 'trust me' })],
    ['a platform that is none', withEntry({ os: [1] })],
  ])('are refused with %s', (_, value) => {
    expect(() => parseLockedRequirements(value)).toThrow(
      expect.objectContaining({ code: 'RW_PACKAGE_INVALID' }) as Error,
    );
  });

  it('are refused or sound, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.record({ packages: fc.anything(), lock: fc.anything() })),
        (value) => {
          try {
            parseLockedRequirements(value);
          } catch (error) {
            if (!RunwrightError.is(error)) throw error;
          }
        },
      ),
    );
  });
});
