import { describeRegistry } from '../registry/describeRegistry';
import { localStage } from '../registry/localStage';
import { ociStage } from '../registry/ociStage';
import { TestOciRegistry } from '../registry/TestOciRegistry';
import { vesslStage } from '../registry/vesslStage';

describeRegistry('the local folder', localStage, { sequences: 30 });

// Everything that docker-registry does not do: pages, tokens, redirects, sessions that are kept, ranges that are not.
const VARIANTS = {
  'an OCI registry with small pages and tokens': {
    pageSize: 50,
    auth: { kind: 'token', username: 'runwright', password: 'secret', expiresIn: 60 },
    relativeLocations: true,
  },
  'an OCI registry that redirects blobs': {
    redirectsBlobs: true,
    keepsSessions: true,
    ignoresRange: true,
    mountsDisabled: true,
  },
} as const;

for (const [title, options] of Object.entries(VARIANTS)) {
  describeRegistry(
    title,
    async () => {
      const server = await TestOciRegistry.start(options);
      return ociStage({
        host: server.host,
        ...('auth' in options && { credentials: options.auth }),
        putTags(repository, digest, tags) {
          for (const tag of tags) server.store.repository(repository).tags.set(tag, digest);
        },
        stop: () => server.stop(),
      });
    },
    { features: { gapless: false }, sequences: 5 },
  );
}

describeRegistry('VESSL', vesslStage, {
  features: { organizations: false },
  sequences: 5,
});
