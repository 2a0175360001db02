import { createReadStream, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packRunwright } from './packRunwright';

const root = join(__dirname, '..', '..');

interface Manifest {
  readonly type?: string;
  readonly main: string;
  readonly types: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly typesVersions: { readonly '*': Readonly<Record<string, readonly string[]>> };
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

describe('the packed tarball', () => {
  const files = new Map<string, string>();
  let home = '';
  let manifest: Manifest;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'runwright-tarball-'));
    const tar = createReadStream(await packRunwright(home))
      .pipe(createGunzip())
      .pipe(extract());
    for await (const entry of tar) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      files.set(entry.header.name.replace(/^package\//, './'), Buffer.concat(chunks).toString());
    }
    manifest = JSON.parse(files.get('./package.json') ?? '') as Manifest;
  }, 240_000);
  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });

  it('has every file that package.json points to', () => {
    const targets = Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    );
    const wanted = [...targets, manifest.main, manifest.types, ...Object.values(manifest.bin)];
    expect(wanted.filter((path) => !files.has(path))).toEqual([]);
  });

  it('names types first in every export', () => {
    const conditions = Object.values(manifest.exports).filter((target) => typeof target === 'object');
    expect(conditions.map((target) => Object.keys(target)[0])).toEqual(conditions.map(() => 'types'));
  });

  it('has the same types for compilers that do not read exports', () => {
    const doors = Object.entries(manifest.exports).flatMap(([door, target]) =>
      door === '.' || typeof target === 'string' ? [] : [[door.slice(2), [target['types']]]],
    );
    expect(manifest.typesVersions['*']).toEqual(Object.fromEntries(doors));
  });

  it('has programs that a shell can start', () => {
    const firstLines = Object.values(manifest.bin).map((path) => files.get(path)?.split('\n')[0]);
    expect(firstLines).toEqual(firstLines.map(() => '#!/usr/bin/env node'));
  });

  it('has README, LICENSE, CHANGELOG and every page of docs', () => {
    const docs = readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
    const wanted = ['/README.md', '/LICENSE', '/CHANGELOG.md', ...docs].map((path) => `.${path}`);
    expect(wanted.filter((path) => !files.has(path))).toEqual([]);
  });

  it('has nothing else but code and its types', () => {
    const known =
      /^\.\/(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|docs\/.+|dist\/.+\.(?:js|d\.ts)|dist\/python\/\w+\.py)$/;
    expect([...files.keys()].filter((path) => !known.test(path))).toEqual([]);
    expect([...files.keys()].filter((path) => /\.(?:test|spec)\.|\/test\/|fixtures/.test(path))).toEqual([]);
  });

  it('runs nothing when it is installed', () => {
    const installing = /^(?:(?:pre|post)?install|prepare)$/;
    expect(Object.keys(manifest.scripts).filter((name) => installing.test(name))).toEqual([]);
  });

  it('declares every package that its code and its types import', () => {
    const declared = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
    const undeclared = new Set<string>();
    for (const [path, text] of files) {
      if (!/\.(?:js|d\.ts)$/.test(path)) continue;
      const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(text, true, true);
      for (const { fileName: specifier } of [...importedFiles, ...typeReferenceDirectives]) {
        if (/^[./]/.test(specifier) || isBuiltin(specifier) || specifier === 'node') continue;
        const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
        if (!declared.includes(name)) undeclared.add(`${name} (${path})`);
      }
    }
    expect([...undeclared]).toEqual([]);
  });

  it('has relative imports that lead to files of its own', () => {
    const broken = [...files].flatMap(([path, text]) => {
      if (!/\.(?:js|d\.ts)$/.test(path)) return [];
      const extension = path.endsWith('.d.ts') ? '.d.ts' : '.js';
      return ts
        .preProcessFile(text, true, true)
        .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
        .filter(({ fileName }) => {
          const target = `./${join(path, '..', fileName).replace(/\.js$/, '')}`;
          return !files.has(target + extension) && !files.has(`${target}/index${extension}`);
        })
        .map(({ fileName }) => `${path}: ${fileName}`);
    });
    expect(broken).toEqual([]);
  });
});
