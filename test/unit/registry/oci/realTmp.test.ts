import { createHash, randomBytes } from 'node:crypto';
import { openSync, writeSync, closeSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import { describeRegistry } from '../../../registry/describeRegistry';
import { ociStage } from '../../../registry/ociStage';
import { OciRegistry } from '../../../../src/registry/oci/OciRegistry';
import { canonicalJson } from '../../../../src/artifact/canonicalJson';
import { MEDIA_TYPES } from '../../../../src/artifact/mediaTypes';
describeRegistry('real', () => Promise.resolve(ociStage({ host: '127.0.0.1:5157' })), { sequences: 2 });

it('goes on', { timeout: 100000 }, async () => {
  const path = '/tmp/reg5/big2.bin';
  const f = openSync(path, 'w'); for (let i = 0; i < 100; i++) writeSync(f, randomBytes(1 << 20)); closeSync(f);
  const environment = { RUNWRIGHT_CACHE: mkdtempSync('/tmp/reg5/c') };
  const make = (chunkSize?: number) => new OciRegistry({ url: 'x', origin: new URL('http://127.0.0.1:5157'), prefix: 'goon', defaultOrganization: 'a', chunkSize, environment });
  for (const stopAt of [50 << 20, Infinity]) {
    const p = await make(16 << 20).publish({ organization: 'a', repository: 'b' });
    let n = 0; const seen: number[] = [];
    const c = new AbortController();
    const layer = { mediaType: MEDIA_TYPES.weight, ...(await p.putFile(path, { signal: c.signal, onBytes: (k) => { seen.push(k); if ((n += k) > stopAt) c.abort(); } })) };
    const config = { mediaType: MEDIA_TYPES.modelConfig, ...(await p.putBytes(Buffer.from('{}'))) };
    await p.commit({ number: null, manifest: canonicalJson({ schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, artifactType: MEDIA_TYPES.modelManifest, config, layers: [layer] }) }).then((e) => console.log('committed', e.number), (e) => console.log(String(e)));
    console.log('first', seen[0]! / (1 << 20), 'sum', n / (1 << 20));
    await p.abandon();
  }
});
