// Copies or pulls a model in a process of its own; prints its peak memory.
import { createRequire } from 'node:module';
import { path } from './path.mjs';

const { copyModel, openRegistry, pullModel } = createRequire(import.meta.url)(path('dist/index.js'));
const [what, reference, from, to] = process.argv.slice(2);

const works = {
  copy: () => copyModel(reference, { from: { registry: from }, to }),
  pull: () => pullModel(reference, { registry: from, directory: to }),
  /** Into the cache alone, which is all that loading a model needs. */
  async fetch() {
    const [repository, number] = reference.split(':');
    const registry = openRegistry(from);
    const resolved = await registry.resolve({ repository, number: Number(number) });
    const { config, layers } = JSON.parse(resolved.manifest.toString());
    await registry.blobs(resolved).fetch([config, ...layers]);
  },
};
await works[what]();
console.log(JSON.stringify({ peak: process.resourceUsage().maxRSS * 1024 }));
