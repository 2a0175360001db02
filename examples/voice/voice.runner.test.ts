import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { Tensor } from 'onnxruntime-common';
import { UploadedFile } from 'runwright';
import { createTestRunner, type TestRunner } from 'runwright/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeWav } from './encodeWav.js';
import { readWav } from './readWav.js';
import { Resampler } from './Resampler.js';
import { type Speech, SpeechTracker } from './SpeechTracker.js';
import { type SpeechSegment, type VoiceInput, VoiceRunner } from './voice.runner.js';

const silero = createRequire(import.meta.url).resolve('@ricky0123/vad-web/dist/silero_vad_v6.onnx');
const sample = fileURLToPath(new URL('./speech.wav', import.meta.url));
/** Seconds of the sample in which the two sentences are; all else in it is zeros. */
const SPOKEN = [
  [0.5, 1.27],
  [2.07, 3.02],
] as const;

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'voice-'))));
afterAll(() => rm(folder, { recursive: true }));

const makeSound = (rate: number, seconds: number, wave: (second: number) => number): Float32Array =>
  Float32Array.from({ length: Math.round(rate * seconds) }, (_, at) => wave(at / rate));
const tone = (hertz: number) => (second: number) => 0.5 * Math.sin(2 * Math.PI * hertz * second);

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

async function fileOf(bytes: Uint8Array): Promise<UploadedFile> {
  const path = join(folder, `${Math.random()}.wav`);
  await writeFile(path, bytes);
  return UploadedFile.from(path, { mime: 'audio/wav' });
}

describe('readWav', () => {
  test('gives back what was encoded, channels mixed', () => {
    const samples = fc.array(fc.integer({ min: -32768, max: 32767 }), { maxLength: 50 });
    fc.assert(
      fc.property(fc.integer({ min: 8000, max: 192_000 }), samples, (rate, values) => {
        const left = Float32Array.from(values, (value) => value / 32768);
        expect(readWav(encodeWav(rate, left))).toEqual({ rate, samples: left });
        expect(
          readWav(
            encodeWav(
              rate,
              left,
              left.map((value) => -value / 2),
            ),
          ).samples,
        ).toHaveLength(left.length);
      }),
    );
    const stereo = encodeWav(8000, Float32Array.of(0.5, 1), Float32Array.of(0, -1));
    expect([...readWav(stereo).samples]).toEqual([0.25, -0.5 / 32768]);
  });

  test('steps over what it does not know, and takes a sound of unknown size to the end', () => {
    const bytes = encodeWav(8000, Float32Array.of(0.5, 0.25));
    const odd = Uint8Array.of(...new TextEncoder().encode('LIST'), 3, 0, 0, 0, 1, 2, 3, 0);
    expect([...readWav(Buffer.concat([bytes.subarray(0, 36), odd, bytes.subarray(36)])).samples]).toEqual([
      0.5, 0.25,
    ]);
    for (const size of [0, 0xffffffff]) {
      new DataView(bytes.buffer).setUint32(40, size, true);
      expect([...readWav(bytes).samples]).toEqual([0.5, 0.25]);
    }
  });

  test('a damaged file is an error that says why, or a sound', () => {
    const whole = encodeWav(8000, makeSound(8000, 0.01, tone(440)));
    fc.assert(
      fc.property(fc.nat(43), fc.nat(255), fc.nat(whole.length), (at, value, length) => {
        const bytes = whole.slice(0, length);
        bytes[at] = value;
        try {
          expect(readWav(bytes).samples.length).toBeLessThanOrEqual(80);
        } catch (error) {
          expect((error as Error).message).toMatch(/^(is not|has|must|ends)/);
        }
      }),
    );
  });
});

describe('Resampler', () => {
  test.each([8000, 11_025, 22_050, 44_100, 48_000])('keeps a tone from %d Hz', (rate) => {
    const sound = new Resampler({ rate, samples: makeSound(rate, 0.5, tone(440)) }, 16_000);
    expect(sound.length).toBe(8000);
    const expected = makeSound(16_000, 0.5, tone(440));
    const piece = sound.read(3000, 2000);
    const worst = Math.max(...piece.map((value, at) => Math.abs(value - (expected[3000 + at] ?? 0))));
    expect(worst).toBeLessThan(0.01);
  });

  test('what 16 kHz cannot carry does not fold back', () => {
    const sound = new Resampler({ rate: 48_000, samples: makeSound(48_000, 0.5, tone(13_000)) }, 16_000);
    expect(Math.max(...sound.read(2000, 4000).map(Math.abs))).toBeLessThan(0.01);
  });

  test('behind the end is silence', () => {
    for (const rate of [8000, 16_000]) {
      const sound = new Resampler({ rate, samples: new Float32Array(rate).fill(0.5) }, 16_000);
      expect([...sound.read(16_100, 3)]).toEqual([0, 0, 0]);
    }
  });
});

describe('SpeechTracker', () => {
  const track = (
    ...probabilities: (readonly [times: number, probability: number])[]
  ): (Speech | undefined)[] => {
    const tracker = new SpeechTracker({ window: 0.1, threshold: 0.5 });
    const windows = probabilities.flatMap(([times, value]) => Array.from({ length: times }, () => value));
    return [...windows.map((value) => tracker.add(value)), tracker.end(windows.length / 10)].filter(Boolean);
  };
  const speech = (start: number, end: number, confidence: number) => ({
    start: expect.closeTo(start, 5) as number,
    end: expect.closeTo(end, 5) as number,
    confidence: expect.closeTo(confidence, 5) as number,
  });

  test('speech has a little room on each side', () => {
    expect(track([5, 0], [5, 0.9], [5, 0])).toEqual([speech(0.4, 1.1, 0.9)]);
  });
  test('no room beyond the sound', () => {
    expect(track([5, 0.9])).toEqual([speech(0, 0.5, 0.9)]);
  });
  test('a short pause is part of speech, a long one ends it', () => {
    expect(track([4, 1], [2, 0], [4, 1], [3, 0], [4, 1])).toEqual([speech(0, 1.1, 0.8), speech(1.2, 1.7, 1)]);
  });
  test('a click is no speech', () => {
    expect(track([5, 0], [2, 0.9], [5, 0])).toEqual([]);
  });
  test('what began above the threshold goes on a little below it', () => {
    expect(track([3, 0.4], [3, 0.6], [3, 0.4], [5, 0.3])).toEqual([speech(0.2, 1, 0.5)]);
  });
});

describe('VoiceRunner', () => {
  let runner: TestRunner<VoiceInput, SpeechSegment>;
  beforeAll(
    () => void (runner = createTestRunner(VoiceRunner, { artifacts: { 'silero_vad.onnx': silero } })),
  );
  afterAll(() => runner.close());

  const hear = async (bytes: Uint8Array, threshold?: number): Promise<SpeechSegment[]> => {
    const audio = await fileOf(bytes);
    return collect(runner.stream({ audio, ...(threshold !== undefined && { threshold }) }));
  };
  const expectSpoken = (segments: readonly SpeechSegment[]): void => {
    expect(segments).toHaveLength(SPOKEN.length);
    for (const [at, [start, end]] of SPOKEN.entries()) {
      expect(Math.abs((segments[at]?.start ?? 0) - start)).toBeLessThan(0.25);
      expect(Math.abs((segments[at]?.end ?? 0) - end)).toBeLessThan(0.25);
      expect(segments[at]?.confidence).toBeGreaterThan(0.8);
    }
  };

  test('hears the two sentences of the sample, where they are', async () => {
    expectSpoken(await hear(await readFile(sample)));
  });

  test('hears them in stereo at 48 kHz', async () => {
    const sound = new Resampler(readWav(await readFile(sample)), 48_000);
    const samples = sound.read(0, sound.length);
    expectSpoken(await hear(encodeWav(48_000, samples, samples)));
  });

  test.each([
    ['silence', () => 0],
    ['noise', () => 0.4 * Math.random() - 0.2],
    ['beeps', (second: number) => (second % 0.5 < 0.25 ? tone(880)(second) : 0)],
    ['a chord', (second: number) => (tone(262)(second) + tone(330)(second) + tone(392)(second)) / 2],
  ])('hears nobody in %s', async (_, wave) => {
    expect(await hear(encodeWav(16_000, makeSound(16_000, 3, wave)))).toEqual([]);
  });

  test('sounds that are heard at the same time do not mix', async () => {
    const bytes = await readFile(sample);
    const alone = await hear(bytes);
    const silence = encodeWav(16_000, new Float32Array(48_000));
    expect(await Promise.all([bytes, silence, bytes].map((one) => hear(one)))).toEqual([alone, [], alone]);
  });

  test('an empty sound has no speech', async () => {
    expect(await hear(encodeWav(16_000, new Float32Array(0)))).toEqual([]);
  });

  test.each([
    ['what is no WAV', Buffer.from('hello'), 'audio is not a WAV file'],
    ['8 bits', encodeWav(16_000, new Float32Array(9)).fill(8, 34, 35), 'must be 16-bit PCM'],
    [
      'a file that is cut off',
      encodeWav(16_000, new Float32Array(9)).subarray(0, 30),
      'ends within its format',
    ],
  ])('%s is refused, and is the fault of the caller', async (_, bytes, message) => {
    await expect(hear(bytes)).rejects.toMatchObject({
      code: 'RW_INPUT_INVALID',
      issues: [{ path: 'audio', constraint: 'wav', message: expect.stringContaining(message) as string }],
    });
  });

  test('a file of another type, and a threshold that is none, are refused', async () => {
    const audio = UploadedFile.from(sample, { mime: 'audio/mpeg' });
    await expect(collect(runner.stream({ audio, threshold: 5 }))).rejects.toMatchObject({
      code: 'RW_INPUT_INVALID',
      issues: expect.arrayContaining([
        expect.objectContaining({ path: 'audio' }),
        expect.objectContaining({ path: 'threshold' }),
      ]) as unknown,
    });
  });
});

/** Stands in for Silero: gives the probabilities, and keeps what it is given. */
function fakeModel(probability: (window: number) => number) {
  const inputs: { samples: number[]; state: unknown }[] = [];
  const run = ({ input, state }: { input: Tensor; state: Tensor }) => {
    inputs.push({ samples: [...(input.data as Float32Array)], state: state.data[0] });
    const output = new Tensor('float32', Float32Array.of(probability(inputs.length)), [1, 1]);
    const stateN = new Tensor('float32', new Float32Array(256).fill(inputs.length), [2, 1, 128]);
    return Promise.resolve({ output, stateN });
  };
  return { inputs, run, release: () => Promise.resolve() };
}

test('each window is heard with the end of the one before, and with the state that it left', async () => {
  const model = fakeModel(() => 0);
  const runner = createTestRunner<VoiceInput, SpeechSegment>(VoiceRunner, { model });
  const samples = Float32Array.from({ length: 1100 }, (_, at) => (at + 1) / 32768);
  await collect(runner.stream({ audio: await fileOf(encodeWav(16_000, samples)) }));
  const piece = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => (from + at < 0 ? 0 : (samples[from + at] ?? 0)));
  expect(model.inputs).toEqual([
    { samples: piece(-64, 512), state: 0 },
    { samples: piece(448, 1024), state: 1 },
    { samples: piece(960, 1536), state: 2 },
  ]);
});

test('a segment is given as soon as it is over, and a caller who leaves ends the work', async () => {
  const model = fakeModel((window) => (window <= 20 ? 1 : 0));
  const runner = createTestRunner<VoiceInput, SpeechSegment>(VoiceRunner, { model });
  const audio = await fileOf(encodeWav(16_000, new Float32Array(16_000 * 60)));
  for await (const { end } of runner.stream({ audio })) {
    expect(end).toBe(0.74);
    break;
  }
  await runner.close();
  expect(model.inputs.length).toBeLessThan(40);
});
