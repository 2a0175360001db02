import { asRecord } from '../../artifact/asRecord';
import { SAVE_TYPE } from './vesslManifest';
import type { Volume } from './Volume';
import { MANIFEST_KEY } from './volumeLayout';

/** Whether a volume holds a model that somebody else than Runwright has registered: then nothing there may be changed. */
export async function hasForeignManifest(volume: Volume): Promise<boolean> {
  const found = await volume.read(MANIFEST_KEY);
  if (found === undefined) return false;
  const { parse } = await import('yaml');
  try {
    const manifest: unknown = parse(found.bytes.toString(), { version: '1.1', logLevel: 'silent' });
    return asRecord(asRecord(manifest)['runner'])['save_type'] !== SAVE_TYPE;
  } catch {
    return true;
  }
}
