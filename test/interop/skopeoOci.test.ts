import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestOf } from '../../src/artifact/digestOf';
import type { ImageIndex } from '../../src/artifact/imageIndex';
import { LocalRegistry } from '../../src/registry/local/LocalRegistry';
import { openRegistry } from '../../src/registry/openRegistry';
import { CliProject } from '../integration/cliProcess';
import { resolveText } from '../registry/conformance/RegistryStage';
import { publishPackage, readContent, verifyPackage } from '../registry/testPackage';
import { startDockerRegistry, type DockerRegistry } from './dockerRegistry';
import { requireProgram } from './requireProgram';

const name = { organization: 'acme', repository: 'iris' };
const BOTH = 'docker-registry --version && skopeo --version';

requireProgram(
  'sh',
  ['-c', BOTH],
  'docker-registry or skopeo',
)('skopeo and an OCI registry', () => {
  let home = '';
  let server: DockerRegistry | undefined;
  let caches = 0;
  const host = (): string => server?.host ?? '';
  const open = (prefix = '') =>
    openRegistry(`oci://${host()}${prefix}`, {
      organization: 'acme',
      environment: {
        ...process.env,
        DOCKER_CONFIG: home,
        RUNWRIGHT_CACHE: join(home, `cache-${(caches += 1)}`),
      },
    });
  const skopeo = (...args: string[]): Buffer => {
    const { status, stdout, stderr } = spawnSync('skopeo', args);
    expect({ status, stderr: stderr?.toString() }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };
  const copy = (from: string, to: string): Buffer =>
    skopeo('copy', '--quiet', '--src-tls-verify=false', '--dest-tls-verify=false', from, to);

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'runwright-skopeo-oci-'));
    server = await startDockerRegistry();
    await publishPackage(open(), name, 'one');
    await publishPackage(open(), name, 'two');
    await publishPackage(open(), name, 'two, again', { number: 2 });
    await open().setAlias(name, 'stable', 2);
    await open().createModel(name);
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it.each(['1', '2', 'stable'])('reads tag %s that we have pushed, to the byte', async (tag) => {
    const { manifest, digest } = await resolveText(open(), `iris:${tag}`);
    const source = `docker://${host()}/acme/iris:${tag}`;
    expect(skopeo('inspect', '--raw', '--tls-verify=false', source).equals(manifest)).toBe(true);
    const folder = join(home, `folder-${tag}`);
    copy(source, `oci:${folder}:1`);
    const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as ImageIndex;
    expect(index.manifests.map((entry) => entry.digest)).toEqual([digest]);
    for (const blob of readdirSync(join(folder, 'blobs', 'sha256'))) {
      expect(digestOf(readFileSync(join(folder, 'blobs', 'sha256', blob)))).toBe(`sha256:${blob}`);
    }
  });

  it('gives what it copies to us, with the digest that it had', async () => {
    const local = new LocalRegistry({ directory: join(home, 'local'), defaultOrganization: 'acme' });
    const { digest } = await publishPackage(local, { ...name, repository: 'wine' }, 'from a folder');
    copy(`oci:${join(home, 'local/acme/wine')}:1`, `docker://${host()}/acme/wine:1`);
    copy(`docker://${host()}/acme/iris:1`, `docker://${host()}/acme/wine:7`);
    copy(`docker://${host()}/acme/iris:stable`, `docker://${host()}/acme/wine:best`);

    const registry = open();
    const entries = await registry.listModels({ organization: 'acme', repository: 'wine' });
    const iris = await resolveText(open(), 'iris:1');
    expect(entries).toMatchObject([
      { number: 1, digest, servable: true, registeredAt: null, history: [] },
      { number: 7, digest: iris.digest, servable: true, registeredAt: null },
    ]);
    for (const [reference, content] of [
      ['wine:1', 'from a folder'],
      ['wine:7', 'one'],
      ['wine', 'one'],
    ] as const) {
      const resolved = await resolveText(registry, reference);
      await verifyPackage(registry, resolved);
      expect(await readContent(registry, resolved)).toBe(content);
    }
    // Ours and theirs stand beside each other.
    const next = await publishPackage(open(), { ...name, repository: 'wine' }, 'ours');
    expect(next.number).toBe(8);
    const moved = await publishPackage(open(), { ...name, repository: 'wine' }, 'ours', { number: 1 });
    expect(moved).toMatchObject({ number: 1, digest: next.digest });
    expect((await open().readEntry({ ...name, repository: 'wine' }, 7)).digest).toBe(iris.digest);
  });

  it('leaves one digest from the folder it is registered in to where it is served', async () => {
    const project = await CliProject.create();
    try {
      const json = async (args: readonly string[]): Promise<{ digest: string; reference: string }> => {
        const { code, stdout, stderr } = await project.run([...args, '--json'], '', { DOCKER_CONFIG: home });
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        return JSON.parse(stdout) as { digest: string; reference: string };
      };
      const remote = `oci://${host()}/served`;
      const { digest } = await json([
        'register',
        './adder.runner.ts',
        '--model',
        'model',
        '--repository',
        'adder',
      ]);
      expect(await json(['copy', 'adder:1', remote])).toMatchObject({ digest, number: 1 });
      copy(`docker://${host()}/served/default/adder:1`, `docker://${host()}/passed-on/default/adder:1`);
      const back = project.path('back');
      const source = `oci://${host()}/passed-on/default/adder:1`;
      expect(await json(['copy', source, back])).toMatchObject({ digest, number: 1 });
      expect(await json(['show', 'adder', '--registry', back])).toMatchObject({ digest });
      const last = `adder@${digest}`;
      for (const registry of [back, remote, `oci://${host()}/passed-on`]) {
        const predict = ['predict', last, '--registry', registry, '--data', '{"value":2}', '--json'];
        const { code, stdout } = await project.run(predict, '', { DOCKER_CONFIG: home });
        expect({ code, output: JSON.parse(stdout) as unknown }).toEqual({ code: 0, output: { result: 42 } });
      }
    } finally {
      await project.remove();
    }
  });
});
