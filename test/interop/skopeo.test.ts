import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/artifact/digestOf';
import type { ImageIndex } from '../../src/artifact/imageIndex';
import { parseReference } from '../../src/artifact/Reference';
import { LocalRegistry } from '../../src/registry/local/LocalRegistry';
import { publishTiny } from '../unit/registry/tinyPackage';

const name = { organization: 'acme', repository: 'iris' };
const found = spawnSync('skopeo', ['--version']).status === 0;
const wanted = found || process.env.RUNWRIGHT_REQUIRE_INTEROP === '1';
const title = 'skopeo reads the local registry';

describe.skipIf(!wanted)(wanted ? title : `${title} (skipped: the program skopeo is not installed)`, () => {
  let home = '';
  let layout = '';
  let registry = new LocalRegistry({ directory: '.' });
  const skopeo = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('skopeo', args);
    expect({ status, stderr: stderr?.toString() }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'runwright-skopeo-'));
    registry = new LocalRegistry({ directory: join(home, 'registry'), defaultOrganization: 'acme' });
    layout = join(home, 'registry', 'acme', 'iris');
    await publishTiny(registry, name, 'one');
    await publishTiny(registry, name, 'two');
    await publishTiny(registry, name, 'two, again', { number: 2 });
    await registry.createModel(name);
    await registry.setAlias(name, 'stable', 2);
  });
  afterAll(() => {
    rmSync(home, { recursive: true });
  });

  it.each(['1', '2', 'stable'])('inspects tag %s', async (tag) => {
    const { manifest } = await registry.resolve(parseReference(`iris:${tag}`));
    expect(skopeo('inspect', '--raw', `oci:${layout}:${tag}`).equals(manifest)).toBe(true);
  });

  it('inspects a reserved number', () => {
    const manifest = JSON.parse(skopeo('inspect', '--raw', `oci:${layout}:3`).toString()) as {
      artifactType: string;
    };
    expect(manifest.artifactType).toBe('application/vnd.runwright.reservation.v1+json');
  });

  it.each(['1', '2', 'stable'])('copies tag %s, to the byte', async (tag) => {
    const other = join(home, `copy-${tag}`);
    skopeo('copy', '--quiet', `oci:${layout}:${tag}`, `oci:${other}:1`);
    const { digest } = await registry.resolve(parseReference(`iris:${tag}`));
    const index = JSON.parse(readFileSync(join(other, 'index.json'), 'utf8')) as ImageIndex;
    expect(index.manifests.map((entry) => entry.digest)).toEqual([digest]);
    for (const blob of readdirSync(join(other, 'blobs', 'sha256'))) {
      expect(digestOf(readFileSync(join(other, 'blobs', 'sha256', blob)))).toBe(`sha256:${blob}`);
    }
  });

  it('copies one out of a repository with a single number', async () => {
    await publishTiny(registry, { organization: 'acme', repository: 'single' }, 'one');
    skopeo(
      'copy',
      '--quiet',
      `oci:${join(home, 'registry', 'acme', 'single')}:1`,
      `oci:${join(home, 'single')}:1`,
    );
  });
});
