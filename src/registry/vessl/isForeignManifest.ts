import { asRecord } from '../../artifact/asRecord';
import { SAVE_TYPE } from './vesslManifest';

/** Whether a `vessl.manifest.yaml` is of a model that somebody else than Runwright has registered. */
export async function isForeignManifest(text: string): Promise<boolean> {
  const { parse } = await import('yaml');
  try {
    const manifest: unknown = parse(text, { version: '1.1', logLevel: 'silent' });
    return asRecord(asRecord(manifest)['runner'])['save_type'] !== SAVE_TYPE;
  } catch {
    return true;
  }
}
