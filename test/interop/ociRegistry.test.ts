import { afterAll, beforeAll } from 'vitest';
import { describeRegistry } from '../registry/describeRegistry';
import { ociStage } from '../registry/ociStage';
import { CREDENTIALS, startDockerRegistry, type DockerRegistry } from './dockerRegistry';
import { putDockerTags } from './dockerTags';
import { requireProgram } from './requireProgram';

const OPTIONS = { features: { gapless: false }, sequences: 5 };

requireProgram('docker-registry')('docker-registry', () => {
  let registry: DockerRegistry | undefined;
  beforeAll(async () => {
    registry = await startDockerRegistry();
  });
  afterAll(() => registry?.stop());

  describeRegistry(
    'docker-registry over http',
    () => {
      const server = registry as DockerRegistry;
      const { host } = server;
      return Promise.resolve(ociStage({ host, putTags: (...tags) => putDockerTags(server, ...tags) }));
    },
    OPTIONS,
  );
});

const BOTH = 'docker-registry --version && openssl version';

requireProgram(
  'sh',
  ['-c', BOTH],
  'docker-registry or openssl',
)('docker-registry with TLS and credentials', () => {
  let registry: DockerRegistry | undefined;
  beforeAll(async () => {
    registry = await startDockerRegistry({ tls: true, basicAuth: true });
  });
  afterAll(() => registry?.stop());

  describeRegistry(
    'docker-registry over https, with Basic auth and an own authority',
    () => {
      const server = registry as DockerRegistry;
      return Promise.resolve(
        ociStage({
          host: server.host,
          scheme: 'https',
          environment: { RUNWRIGHT_CA_FILE: server.caFile },
          credentials: CREDENTIALS,
          putTags: (...tags) => putDockerTags(server, ...tags),
        }),
      );
    },
    OPTIONS,
  );
});
