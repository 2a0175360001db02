import { execFileSync } from 'node:child_process';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobSource } from '../../../../src/artifact/BlobSource';
import { canonicalJson } from '../../../../src/artifact/canonicalJson';
import type { Descriptor } from '../../../../src/artifact/Descriptor';
import { digestOf } from '../../../../src/artifact/digestOf';
import { HashingBlobSink } from '../../../../src/artifact/HashingBlobSink';
import { ANNOTATIONS } from '../../../../src/artifact/mediaTypes';
import type { OciManifest } from '../../../../src/artifact/OciManifest';
import { newOwnerId } from '../../../../src/artifact/ownerId';
import { RunwrightError } from '../../../../src/errors/RunwrightError';
import type { ManifestRunner } from '../../../../src/packer/manifest/RunnerManifest';
import { openPackage } from '../../../../src/packer/package/openPackage';
import { pack, type PackInput } from '../../../../src/packer/package/pack';
import { deadOwner } from '../../artifact/deadOwner';
import { makeUnremovable } from '../../makeUnremovable';

const anything = { type: 'unvalidated', kind: 'unvalidated', explicit: true, schema: {} } as const;
const runner: ManifestRunner = {
  name: 'tiny',
  description: null,
  className: 'Tiny',
  export: 'Tiny',
  stages: { predict: { method: 'predict', static: false } },
  batch: null,
  stream: false,
  input: anything,
  output: anything,
};

let folder: string;
let sink: HashingBlobSink;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'runwright-test-')));
  sink = new HashingBlobSink();
  await mkdir(join(folder, 'in'));
  await writeFile(join(folder, 'in/weights.bin'), 'weights');
  await writeFile(join(folder, 'in/tool.sh'), '#!/bin/sh\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const input = (): PackInput => ({
  runner,
  code: new Map([['index.mjs', Buffer.from('export {}')]]),
  model: { format: 'user-defined', props: { file: 'weights.bin' } },
  files: [
    { source: join(folder, 'in/weights.bin'), path: 'model/weights.bin', executable: false, size: 7 },
    { source: join(folder, 'in/tool.sh'), path: 'bin/tool.sh', executable: true, size: 10 },
  ],
  artifacts: ['bin/*'],
  requirements: { packages: [], lock: null },
});

const open = (manifest: Uint8Array, blobs: BlobSource = sink, mode: 'share' | 'copy' = 'copy') =>
  openPackage({ manifest, blobs, directory: join(folder, 'open'), mode, where: 'tiny:1' });

const refusal = async (work: Promise<unknown>): Promise<RunwrightError> => {
  const error: unknown = await work.then(
    () => 'it was opened',
    (reason: unknown) => reason,
  );
  if (!RunwrightError.is(error)) throw new Error(`not refused properly: ${String(error)}`);
  await expect(stat(join(folder, 'open'))).rejects.toMatchObject({ code: 'ENOENT' });
  return error;
};

/** The packed manifest with something changed in it, as a stranger could have made it. */
const altered = async (change: (manifest: { layers: { annotations: Record<string, string> }[] }) => void) => {
  const { manifest } = await pack(input(), sink);
  const parsed = JSON.parse(manifest.toString()) as Parameters<typeof change>[0];
  change(parsed);
  return canonicalJson(parsed);
};

describe('pack and openPackage', () => {
  it.each(['share', 'copy'] as const)('name a blob that is missing (%s)', async (mode) => {
    const { manifest } = await pack(input(), sink);
    const missing: BlobSource = {
      stream: (descriptor) => sink.stream(descriptor),
      localPath: () => join(folder, 'no-such-blob'),
    };
    const error = await refusal(open(manifest, missing, mode));
    expect(error).toMatchObject({ code: 'RW_PACKAGE_CORRUPT', what: 'it is missing' });
    expect(error.where).toMatch(/no-such-blob.*sha256:/);
  });

  it('are stopped by a signal, and leave nothing', async () => {
    const { manifest } = await pack(input(), sink);
    const stop = new AbortController();
    const blobs: BlobSource = {
      stream: (descriptor) => {
        if (descriptor.size === 7) stop.abort();
        return sink.stream(descriptor);
      },
      localPath: () => undefined,
    };
    const options = {
      manifest,
      blobs,
      directory: join(folder, 'open'),
      where: 'tiny:1',
      signal: stop.signal,
    };
    expect(await refusal(openPackage(options))).toMatchObject({ code: 'RW_ABORTED' });
    expect(await readdir(folder)).toEqual(['in']);
    expect(await refusal(openPackage(options))).toMatchObject({ code: 'RW_ABORTED' });
  });

  it('lay a package out as it was packed, read-only', async () => {
    const { manifest, digest } = await pack(input(), sink);
    const opened = await open(manifest);
    expect(opened.digest).toBe(digest);
    expect(opened.manifest.model.props).toEqual({ file: 'weights.bin' });
    expect(opened.artifacts).toEqual({ 'bin/*': join(folder, 'open/bin') });
    expect(await readFile(opened.codeFile ?? '', 'utf8')).toBe('export {}');
    expect(await readFile(join(opened.modelDirectory, 'weights.bin'), 'utf8')).toBe('weights');
    expect((await stat(join(opened.modelDirectory, 'weights.bin'))).mode & 0o777).toBe(0o444);
    expect((await stat(join(folder, 'open/bin/tool.sh'))).mode & 0o777).toBe(0o555);
  });

  it('give one digest for one input, whatever the order of the files and wherever they stand', async () => {
    const first = await pack(input(), sink);
    const moved = join(folder, 'elsewhere');
    await mkdir(moved);
    for (const name of ['weights.bin', 'tool.sh'])
      await writeFile(join(moved, name), await readFile(join(folder, 'in', name)));
    const files = input().files.map((file) => ({
      ...file,
      source: file.source.replace('/in/', '/elsewhere/'),
    }));
    const second = await pack({ ...input(), files: files.reverse() }, new HashingBlobSink());
    expect(second.digest).toBe(first.digest);
    expect(first.manifest.toString()).not.toContain(folder);
  });

  it('put runwright.json first, then the code, then the files by path', async () => {
    const { manifest } = await pack(input(), sink);
    const { layers } = JSON.parse(manifest.toString()) as OciManifest;
    expect(layers.map(({ annotations }) => annotations?.[ANNOTATIONS.filepath])).toEqual([
      'runwright.json',
      'code',
      'bin/tool.sh',
      'model/weights.bin',
    ]);
  });

  it('share local blobs by link, except executables', async () => {
    const { manifest } = await pack(input(), sink);
    await open(manifest, sink, 'share');
    const { nlink } = await stat(join(folder, 'open/model/weights.bin'));
    // A file system with reflinks needs no link.
    expect([1, 2]).toContain(nlink);
    expect((await stat(join(folder, 'open/bin/tool.sh'))).nlink).toBe(1);
    expect((await stat(join(folder, 'in/tool.sh'))).mode & 0o111).toBe(0);
  });

  it('fetch blobs that are not on this machine', async () => {
    const { manifest } = await pack(input(), sink);
    const remote: BlobSource = {
      stream: (descriptor) => sink.stream(descriptor),
      localPath: () => undefined,
    };
    const opened = await open(manifest, remote);
    expect(await readFile(join(opened.modelDirectory, 'weights.bin'), 'utf8')).toBe('weights');
  });

  it('use an opened folder again, and make a damaged one anew', async () => {
    const { manifest } = await pack(input(), sink);
    await open(manifest);
    const weights = join(folder, 'open/model/weights.bin');
    const { ino } = await stat(weights);
    await open(manifest);
    expect((await stat(weights)).ino).toBe(ino);
    await chmod(weights, 0o644);
    await writeFile(weights, 'changed');
    await open(manifest);
    expect(await readFile(weights, 'utf8')).toBe('weights');
    await rm(join(folder, 'open/code/index.mjs'));
    await open(manifest);
    expect(await readFile(join(folder, 'open/code/index.mjs'), 'utf8')).toBe('export {}');
  });
});

describe('openPackage', () => {
  it('removes what killed processes left beside it, and not what a living one is making', async () => {
    const { manifest } = await pack(input(), sink);
    const leave = async (name: string, age = 0): Promise<string> => {
      await mkdir(join(folder, name, 'model'), { recursive: true });
      await writeFile(join(folder, name, 'model/weights.bin'), 'half', { mode: 0o444 });
      const time = Date.now() / 1000 - age;
      await utimes(join(folder, name), time, time);
      return name;
    };
    const foreign = () => newOwnerId().replace(/^\w+/, '0123456789ab');
    const day = 24 * 3600;
    await leave(`.${deadOwner()}.opening`);
    await leave(`.${deadOwner()}.damaged`);
    await leave(`.${foreign()}.opening`, day + 60);
    const kept = [
      await leave(`.${newOwnerId()}.opening`, 2 * day),
      await leave(`.${foreign()}.opening`, day - 60),
      await leave('.mine.opening', 2 * day),
    ];
    await open(manifest);
    expect((await readdir(folder)).sort()).toEqual([...kept, 'in', 'open'].sort());
  });

  it('opens although what it replaces cannot be removed', async () => {
    const { manifest } = await pack(input(), sink);
    await open(manifest);
    await rm(join(folder, 'open/code/index.mjs'));
    makeUnremovable(join(folder, 'open'));
    try {
      expect(await readFile((await open(manifest)).codeFile ?? '', 'utf8')).toBe('export {}');
    } finally {
      for (const name of await readdir(folder)) {
        if (name.endsWith('.damaged')) execFileSync('rm', ['-rf', join(folder, name)]);
      }
    }
  });
});

describe('openPackage refuses', () => {
  it.each(['weights.bin', 'tool.sh'])('a changed blob (%s), before anything can run', async (name) => {
    const { manifest } = await pack(input(), sink);
    await writeFile(join(folder, 'in', name), name === 'tool.sh' ? '#!/bin/no\n' : 'WEIGHTS');
    expect(await refusal(open(manifest))).toMatchObject({ code: 'RW_PACKAGE_CORRUPT' });
  });

  it('changed code or a changed runwright.json', async () => {
    const { manifest, blobs } = await pack(input(), sink);
    for (const changed of [blobs[1], blobs[2]] as Descriptor[]) {
      const liar: BlobSource = {
        localPath: (descriptor) =>
          descriptor.digest === changed.digest ? undefined : sink.localPath(descriptor),
        stream: async (descriptor) => {
          if (descriptor.digest !== changed.digest) return sink.stream(descriptor);
          const bytes = Buffer.alloc(descriptor.size, 32);
          return Promise.resolve(Readable.from([bytes]));
        },
      };
      expect(await refusal(open(manifest, liar))).toMatchObject({ code: 'RW_PACKAGE_CORRUPT' });
    }
  });

  it.each([
    '../evil',
    '/etc/evil',
    'a/../../evil',
    'model/../../evil',
    'a\\evil',
    'node_modules/evil',
    'package.json',
    'code/index.mjs',
    'runwright.json',
    'C:/evil',
    'a:evil',
    'nul',
    'evil.',
    'a\u0000b',
    '',
  ])('the path %j', async (path) => {
    const manifest = await altered(({ layers }) =>
      Object.assign(layers[3] ?? {}, { annotations: { [ANNOTATIONS.filepath]: path } }),
    );
    expect(await refusal(open(manifest))).toMatchObject({ code: 'RW_PACKAGE_INVALID' });
  });

  it.each(['bin/tool.sh', 'BIN/tool.sh', 'bin', 'bin/tool.sh/more'])(
    'a path that collides: %s',
    async (path) => {
      const manifest = await altered(({ layers }) =>
        Object.assign(layers[3] ?? {}, { annotations: { [ANNOTATIONS.filepath]: path } }),
      );
      const error = await refusal(open(manifest));
      expect(error).toMatchObject({ code: 'RW_PACKAGE_INVALID' });
      expect(error.message).toContain('collide');
    },
  );

  it('what is not a package', async () => {
    for (const bytes of ['', '{', '[]', 'null', '{"artifactType":"x","layers":[]}', '{"layers":3}']) {
      expect(await refusal(open(Buffer.from(bytes)))).toMatchObject({ code: 'RW_PACKAGE_INVALID' });
    }
    const noCode = await altered(({ layers }) => layers.splice(1, 1));
    expect(await refusal(open(noCode))).toMatchObject({ code: 'RW_PACKAGE_INVALID' });
  });

  it('a runwright.json that points out of the package, or is of a newer format', async () => {
    const { manifest } = await pack(input(), sink);
    const oci = JSON.parse(manifest.toString()) as { layers: { digest: string; size: number }[] };
    const original = JSON.parse(
      (await collect(await sink.stream(oci.layers[0] as Descriptor))).toString(),
    ) as object;
    const digest = digestOf(Buffer.from('x'));
    for (const [change, code] of [
      [{ artifacts: ['../../etc/*'] }, 'RW_PACKAGE_INVALID'],
      [{ code: [{ path: '../../../bin/sh', digest, size: 1 }] }, 'RW_PACKAGE_INVALID'],
      [{ code: [{ path: 'other.mjs', digest, size: 1 }] }, 'RW_PACKAGE_CORRUPT'],
      [{ manifestVersion: 2 }, 'RW_PACKAGE_INCOMPATIBLE'],
      [{ runner: null }, 'RW_PACKAGE_INVALID'],
    ] as const) {
      const info = await sink.putBytes(canonicalJson({ ...original, ...change }));
      const [first, ...rest] = oci.layers;
      const forged = canonicalJson({ ...oci, layers: [{ ...first, ...info }, ...rest] });
      expect(await refusal(open(forged)), JSON.stringify(change)).toMatchObject({ code });
    }
  });

  it('to leave anything behind', async () => {
    const { manifest } = await pack(input(), sink);
    await writeFile(join(folder, 'in/weights.bin'), 'WEIGHTS');
    await refusal(open(manifest));
    expect(await readdir(folder)).toEqual(['in']);
  });
});

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
