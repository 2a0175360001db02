import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Digest } from '../../src/artifact/Digest';
import { formatRecord, newRecordId } from '../../src/registry/oci/tagNames';
import { OciRegistry } from '../../src/registry/oci/OciRegistry';
import { openRegistry } from '../../src/registry/openRegistry';
import type { RegistryStage } from './conformance/RegistryStage';
import { writeDockerConfig } from './writeDockerConfig';
import { publishPackage } from './testPackage';

export interface OciPlace {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** `http` by default. */
  readonly scheme?: 'http' | 'https';
  /** Written to where Docker keeps them. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Where an own authority is found. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Points tags at a manifest that is there, behind the registry's back. */
  readonly putTags?: (repository: string, digest: Digest, tags: readonly string[]) => void;
  /** Ends what was started for this stage alone. */
  readonly stop?: () => Promise<void>;
}

let prefixes = 0;

/** A prefix of an OCI registry that nobody else uses. Each registry object has a cache of its own. */
export function ociStage({
  host,
  scheme = 'http',
  credentials,
  environment,
  putTags,
  stop,
}: OciPlace): RegistryStage {
  const home = mkdtempSync(join(tmpdir(), 'runwright-oci-stage-'));
  if (credentials) writeDockerConfig(home, host, credentials);
  const prefix = `stage-${process.pid}-${(prefixes += 1)}`;
  let opened = 0;
  const open: RegistryStage['open'] = () => {
    const cache = { RUNWRIGHT_CACHE: join(home, `cache-${(opened += 1)}`) };
    const own = { ...process.env, ...environment, DOCKER_CONFIG: home, ...cache };
    const url = `oci://${host}/${prefix}`;
    if (scheme === 'http') return openRegistry(url, { organization: 'acme', environment: own });
    // A URL with a loopback host means http.
    const origin = new URL(`https://${host}/`);
    return new OciRegistry({ url, origin, prefix, defaultOrganization: 'acme', environment: own });
  };
  return {
    open,
    ...(putTags && {
      async seed({ organization, repository }, count) {
        const { digest } = await publishPackage(open(), { organization, repository }, 'seed');
        if (digest === null) throw new Error('a published number has a digest');
        const time = new Date().toISOString();
        const numbers = Array.from({ length: count - 1 }, (_, at) => at + 2);
        putTags(
          `${prefix}/${organization}/${repository}`,
          digest,
          numbers.flatMap((number) => [
            String(number),
            formatRecord({ number, time, digest, id: newRecordId() }),
          ]),
        );
      },
    }),
    async remove() {
      await stop?.();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
