import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A file of certificates, gone with the test. */
export async function writePem(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'runwright-ca-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'ca.pem');
  await writeFile(file, text);
  return file;
}
