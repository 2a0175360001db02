import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServer } from './startServer.mjs';

/** @throws Error that says what to install, when one of the programs is missing */
export function requirePrograms(...programs) {
  const missing = programs.filter((program) => spawnSync(program, ['--version']).status !== 0);
  if (missing.length > 0) throw new Error(`install what is missing: apt-get install ${missing.join(' ')}`);
}

/**
 * Debian's docker-registry, empty, on a free port of loopback.
 *
 * @param folder gets what it stores, until it is stopped
 * @returns as `startServer` does, and `host`
 */
export async function startDockerRegistry(folder) {
  mkdirSync(folder, { recursive: true });
  const own = mkdtempSync(join(folder, 'docker-registry-'));
  const config = join(own, 'config.json');
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({
      version: 0.1,
      log: { level: 'error', accesslog: { disabled: true } },
      storage: { cache: { blobdescriptor: 'inmemory' }, filesystem: { rootdirectory: join(own, 'storage') } },
      http: { addr: '127.0.0.1:0' },
    }),
  );
  const serve = 'REGISTRY_HTTP_ADDR=127.0.0.1:$PORT exec docker-registry serve "$0"';
  const server = await startServer(['sh', '-c', serve, config], { ready: '/v2/' });
  const stop = async () => {
    await server.stop();
    rmSync(own, { recursive: true, force: true });
  };
  return { ...server, host: new URL(server.url).host, stop };
}
