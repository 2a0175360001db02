// A Runwright server in a process of its own: `node ours.mjs <json>`, the JSON being `{ registry, reference, load, model,
// server }`.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from '../support/cacheFolder.mjs';
import { path } from '../support/path.mjs';

const require = createRequire(import.meta.url);
const { loadModel } = require(path('dist/index.js'));
const { createServer } = require(path('dist/server/index.js'));

const { registry, reference, load, model, server } = JSON.parse(process.argv[2]);
const cache = join(cacheFolder(), 'packages');
const handle = await loadModel(reference, { registry, cache, ...load });
const app = await createServer({ handle, ...model }, server);
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
process.once('SIGTERM', async () => {
  await app.close();
  await handle.close();
});
