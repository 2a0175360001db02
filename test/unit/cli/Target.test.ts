import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseTarget, refuseUnfitFlags } from '../../../src/cli/Target';

describe('parseTarget', () => {
  it.each([
    ['./iris.runner.ts', 'entry'],
    ['iris.runner.mjs', 'entry'],
    ['/srv/iris.cts', 'entry'],
    ['iris.tar', 'archive'],
    ['./iris.tar', 'archive'],
    ['iris', 'reference'],
    ['acme/iris:3', 'reference'],
    ['iris.v2:stable', 'reference'],
    ['mlp.onnx', 'onnx'],
    ['./models/mlp.onnx', 'onnx'],
    ['onnx', 'reference'],
    ['oci://ghcr.io/models/acme/iris.tar', 'reference'],
    ['vessl://acme/iris:3', 'reference'],
  ])('%s is an %s', (argument, kind) => {
    expect(parseTarget(argument).kind).toBe(kind);
  });

  it('a URL with a password is refused, and not repeated', () => {
    expect(() => parseTarget('oci://me:secret@ghcr.io/acme/iris')).toThrow(
      expect.objectContaining({
        code: 'RW_REFERENCE_INVALID',
        message: expect.not.stringContaining('secret') as string,
      }),
    );
  });

  it('a name that exists as a file is a path', () => {
    const folder = mkdtempSync(join(tmpdir(), 'runwright-target-'));
    const before = process.cwd();
    onTestFinished(() => {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    });
    writeFileSync(join(folder, 'iris'), '');
    expect(parseTarget('iris').kind).toBe('reference');
    process.chdir(folder);
    expect(parseTarget('iris')).toEqual({ kind: 'archive', path: 'iris' });
    expect(parseTarget('./iris')).toEqual({ kind: 'archive', path: './iris' });
  });

  it.each(['model.pt', './model.pth', '/srv/model.pt2'])('%s is sent to registerTorchModel', (argument) => {
    expect(() => parseTarget(argument)).toThrow(
      expect.objectContaining({
        code: 'RW_USAGE',
        where: argument,
        hint: expect.stringContaining('registerTorchModel') as string,
      }),
    );
  });

  it('a path where nothing is, or a folder, is told as that', () => {
    const folder = mkdtempSync(join(tmpdir(), 'runwright-target-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const refuse = (argument: string, parts: object) =>
      expect(() => parseTarget(argument)).toThrow(
        expect.objectContaining({ code: 'RW_USAGE', where: argument, ...parts }),
      );
    const path = join(folder, 'iris');
    refuse(path, { what: 'there is no such file', hint: expect.stringContaining('extension') as string });
    writeFileSync(`${path}.runner.ts`, '');
    refuse(path, { hint: `Did you mean ${path}.runner.ts?` });
    refuse(`${path}.runner`, { hint: `Did you mean ${path}.runner.ts?` });
    refuse(folder, { what: expect.stringContaining('folder') as string });
  });
});

describe('refuseUnfitFlags', () => {
  it.each([
    ['a reference', 'iris', { artifact: {} }, '--artifact'],
    ['an archive', 'iris.tar', { requirement: ['sharp'] }, '--requirement'],
    ['an entry', 'a.ts', { allowScripts: ['sharp'] }, '--allow-scripts'],
    ['an ONNX file', 'mlp.onnx', { allowScripts: ['sharp'] }, '--allow-scripts'],
    ['an ONNX file', 'mlp.onnx', { class: 'Mlp' }, '--class'],
    ['an ONNX file', 'mlp.onnx', { model: 'makeModel' }, '--model'],
    ['an ONNX file', 'mlp.onnx', { artifact: {} }, '--artifact'],
    ['an ONNX file', 'mlp.onnx', { requirement: ['sharp'] }, '--requirement'],
  ])('names the flag that makes no sense for %s', (_, argument, flags, where) => {
    expect(() => refuseUnfitFlags(parseTarget(argument), flags)).toThrow(
      expect.objectContaining({ code: 'RW_USAGE', where }),
    );
  });

  it('lets pass what fits', () => {
    expect(() => refuseUnfitFlags(parseTarget('iris'), { allowScripts: ['a'] })).not.toThrow();
    expect(() => refuseUnfitFlags(parseTarget('iris.tar'), {})).not.toThrow();
    expect(() => refuseUnfitFlags(parseTarget('mlp.onnx'), {})).not.toThrow();
    expect(() => refuseUnfitFlags(parseTarget('a.ts'), { model: 'm', artifact: {} })).not.toThrow();
  });
});
