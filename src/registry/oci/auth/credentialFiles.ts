import { join } from 'node:path';
import { homeFolder as findHomeFolder } from '../../../artifact/homeFolder';
import type { CredentialOptions } from './DockerCredentials';

/**
 * The files that may hold credentials, in the order in which they are asked: `$REGISTRY_AUTH_FILE` alone when it is set, else
 * Docker's (`$DOCKER_CONFIG/config.json`, by default `~/.docker/config.json`), then Podman's
 * (`$XDG_RUNTIME_DIR/containers/auth.json`). The first is the one that a login writes.
 */
export function credentialFiles({
  environment = process.env,
  homeFolder = findHomeFolder(),
}: CredentialOptions): string[] {
  const { REGISTRY_AUTH_FILE: only, DOCKER_CONFIG, XDG_RUNTIME_DIR } = environment;
  if (only) return [only];
  const docker = DOCKER_CONFIG || (homeFolder === undefined ? undefined : join(homeFolder, '.docker'));
  return [
    ...(docker === undefined ? [] : [join(docker, 'config.json')]),
    ...(XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, 'containers', 'auth.json')] : []),
  ];
}
