import { IsNumber, IsOptional, Max, Min } from 'class-validator';
import { Tensor } from 'onnxruntime-common';
import { Dispose, IsFile, Load, Predict, Preprocess, Runner, UploadedFile, ValidationError } from 'runwright';
import type { Artifacts, LoadContext, Props, RunContext } from 'runwright';
import { OnnxModel } from 'runwright/onnx';
import { readWav } from './readWav.js';
import { Resampler } from './Resampler.js';
import { SpeechTracker } from './SpeechTracker.js';

/** Samples a second, samples that Silero judges at once, and samples before them that it wants to hear again. */
const RATE = 16_000;
const WINDOW = 512;
const CONTEXT = 64;

export class VoiceInput {
  /** A WAV file of 16-bit PCM, any number of channels, 8 to 192 kHz. */
  @IsFile({ mime: ['audio/wav', 'audio/x-wav', 'audio/wave', 'audio/vnd.wave'], maxBytes: 64_000_000 })
  audio!: UploadedFile;
  /** Probability from which on a sound is speech. Default 0.5. */
  @IsOptional() @IsNumber() @Min(0.2) @Max(0.95) threshold?: number;
}

/** A stretch of speech. */
export class SpeechSegment {
  /** Seconds from the beginning of the sound. */
  @IsNumber() @Min(0) start!: number;
  @IsNumber() @Min(0) end!: number;
  /** Mean probability of speech. */
  @IsNumber() @Min(0) @Max(1) confidence!: number;
}

/** What the detector listens to. */
export interface Recording {
  /** At 16 kHz. */
  readonly sound: Resampler;
  readonly threshold: number;
}

@Runner({ name: 'voice', description: 'Where somebody speaks in a sound file, found by Silero VAD' })
export class VoiceRunner {
  @Load()
  load(_props: Props | null, artifacts: Artifacts, { threads }: LoadContext): Promise<OnnxModel> {
    return OnnxModel.fromFile(artifacts['silero_vad.onnx'] ?? '', { intraOpNumThreads: threads });
  }

  @Dispose()
  async dispose(model: OnnxModel): Promise<void> {
    await model.release();
  }

  @Preprocess({ input: () => VoiceInput })
  async record({ audio, threshold = 0.5 }: VoiceInput): Promise<Recording> {
    const bytes = await audio.bytes();
    try {
      return { sound: new Resampler(readWav(bytes), RATE), threshold };
    } catch (error) {
      // The caller's fault, as what the rules of VoiceInput find: answered with 400.
      const message = `audio ${(error as Error).message}`;
      throw new ValidationError('input', [{ path: 'audio', constraint: 'wav', message, received: 'file' }]);
    }
  }

  /** Each segment is given as soon as it has ended, while the rest of the sound is still to be heard. */
  @Predict({ output: () => SpeechSegment })
  async *segments(
    model: OnnxModel,
    { sound, threshold }: Recording,
    { signal }: RunContext,
  ): AsyncGenerator<SpeechSegment> {
    const tracker = new SpeechTracker({ window: WINDOW / RATE, threshold });
    const samples = new Float32Array(CONTEXT + WINDOW);
    const sr = new Tensor('int64', BigInt64Array.of(BigInt(RATE)), []);
    // What Silero remembers of the windows before: it gives a new one with each answer. It belongs to this call alone.
    let state: Tensor = new Tensor('float32', new Float32Array(2 * 128), [2, 1, 128]);
    for (let start = 0; start < sound.length; start += WINDOW) {
      samples.copyWithin(0, WINDOW);
      samples.set(sound.read(start, WINDOW), CONTEXT);
      const input = new Tensor('float32', samples, [1, samples.length]);
      const outputs = await model.run({ input, state, sr }, { signal });
      const { output, stateN } = outputs as { output: Tensor; stateN: Tensor };
      state = stateN;
      const segment = tracker.add(Number(output.data[0]));
      if (segment) yield segment;
    }
    const last = tracker.end(sound.length / RATE);
    if (last) yield last;
  }
}
