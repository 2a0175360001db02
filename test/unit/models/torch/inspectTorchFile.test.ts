import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipArchive } from 'archiver';
import { afterAll, describe, expect, it } from 'vitest';
import { inspectTorchFile } from '../../../../src/models/torch/inspectTorchFile';

const folder = mkdtempSync(join(tmpdir(), 'runwright-inspect-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A zip file with entries of these names, as torch writes them: not compressed. */
async function zipOf(names: readonly string[]): Promise<Buffer> {
  const archive = new ZipArchive({ store: true });
  for (const name of names) archive.append(Buffer.from([0x80, 2, 0x2e]), { name });
  const bytes = buffer(archive);
  await archive.finalize();
  return bytes;
}

function fileOf(bytes: Uint8Array, name = 'model.pt'): string {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

describe('inspectTorchFile', () => {
  it.each([
    ['torchscript', ['m/data.pkl', 'm/code/__torch__.py', 'm/constants.pkl', 'm/version']],
    ['exported-program', ['m/archive_format', 'm/models/model.json', 'm/data/weights/weight_0']],
    ['exported-program', ['serialized_exported_program.json', 'serialized_state_dict.pt', 'version']],
  ])('knows %s by its entries, whatever the file is called', async (kind, names) => {
    expect(await inspectTorchFile(fileOf(await zipOf(names), 'model.bin'))).toBe(kind);
  });

  it('knows ONNX by its first field', async () => {
    expect(await inspectTorchFile(fileOf(Uint8Array.of(8, 8, 18, 7, 112), 'model.bin'))).toBe('onnx');
  });

  it.each([
    ['a module or a state dict', () => zipOf(['m/data.pkl', 'm/data/0', 'm/version'])],
    ['one of before torch 1.6', () => Promise.resolve(Buffer.from([0x80, 2, 0x8a, 0x0a]))],
  ])('refuses a pickle, %s, with the Python that makes a usable file', async (_, bytes) => {
    await expect(inspectTorchFile(fileOf(await bytes()))).rejects.toMatchObject({
      code: 'RW_MODEL_FILE_INVALID',
      what: expect.stringContaining('pickle') as string,
      hint: expect.stringContaining("torch.jit.trace(model.eval(), example).save('model.pt')") as string,
    });
  });

  it.each([
    ['is empty', () => Promise.resolve(Buffer.alloc(0))],
    ['neither TorchScript', () => Promise.resolve(Buffer.from('<html>not found</html>'))],
    ['no model of torch', () => zipOf(['word/document.xml'])],
    ['cut off', async () => (await zipOf(['m/constants.pkl', 'm/code/a.py'])).subarray(0, 100)],
  ])('refuses a file and says that it is %s', async (what, bytes) => {
    await expect(inspectTorchFile(fileOf(await bytes()))).rejects.toMatchObject({
      code: 'RW_MODEL_FILE_INVALID',
      what: expect.stringContaining(what) as string,
    });
  });

  it('refuses a folder, and a file that is not there', async () => {
    await expect(inspectTorchFile(folder)).rejects.toThrow(/it is a folder/);
    await expect(inspectTorchFile(join(folder, 'none.pt'))).rejects.toMatchObject({
      code: 'RW_MODEL_FILE_INVALID',
      what: 'there is no such file',
    });
  });
});
