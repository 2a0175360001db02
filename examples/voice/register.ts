import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { loadModel, registerModel, type RegisteredModel, UploadedFile } from 'runwright';
import { type SpeechSegment, type VoiceInput, VoiceRunner } from './voice.runner.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const silero = createRequire(import.meta.url).resolve('@ricky0123/vad-web/dist/silero_vad_v6.onnx');

/** Registers the detector with its ONNX file as an artifact: the file is the whole model, so there is nothing to save. */
export function registerVoice(registry?: string): Promise<RegisteredModel> {
  return registerModel({
    repositoryName: 'voice',
    modelNumber: null,
    runner: VoiceRunner,
    entry: new URL('./voice.runner.js', import.meta.url),
    artifacts: { [silero]: 'silero_vad.onnx' },
    registry,
  });
}

/** Loads a registered detector and prints the speech in a sound file as it is found. */
async function printSpeech(reference: string, file: string, registry: string): Promise<void> {
  const cache = process.env['RUNWRIGHT_CACHE'] ?? join(root, 'build/demo/cache');
  const handle = await loadModel<VoiceInput, SpeechSegment>(reference, { registry, cache });
  const audio = UploadedFile.from(file, { mime: 'audio/wav' });
  for await (const { start, end, confidence } of handle.stream({ audio })) {
    console.log(`${start.toFixed(2)} s to ${end.toFixed(2)} s, confidence ${confidence.toFixed(2)}`);
  }
  await handle.close();
}

if (pathToFileURL(process.argv[1] ?? '').href === import.meta.url) {
  const registry = process.env['RUNWRIGHT_REGISTRY'] ?? join(root, 'build/demo/registry');
  const { reference, digest } = await registerVoice(registry);
  console.log(`${reference} ${digest}`);
  await printSpeech(reference, process.argv[2] ?? join(root, 'examples/voice/speech.wav'), registry);
}
