/** Sound of one channel. */
export interface Sound {
  /** Samples a second. */
  readonly rate: number;
  /** From -1 to 1. */
  readonly samples: Float32Array;
}

const PCM = 1;
const EXTENSIBLE = 0xfffe;

/**
 * Reads a WAV file of 16-bit PCM with any number of channels, which are mixed into one.
 *
 * @throws Error for any other file, saying what it is
 */
export function readWav(bytes: Uint8Array): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number): string =>
    at + 4 > bytes.length ? '' : String.fromCharCode(...bytes.subarray(at, at + 4));
  if (tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw new Error('is not a WAV file');

  let format: { channels: number; rate: number } | undefined;
  let at = 12;
  while (at + 8 <= bytes.length) {
    const name = tag(at);
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name === 'fmt ') format = readFormat(view, start);
    if (name === 'data') {
      if (!format) throw new Error('has its sound before its format');
      // What is written to a pipe cannot know its size, and says 0 or the largest number.
      const length = size === 0 ? bytes.length - start : Math.min(size, bytes.length - start);
      return { rate: format.rate, samples: mix(view, start, length, format.channels) };
    }
    at = start + size + (size % 2);
  }
  throw new Error('has no sound in it');
}

function readFormat(view: DataView, start: number): { channels: number; rate: number } {
  if (start + 16 > view.byteLength) throw new Error('ends within its format');
  const kind = view.getUint16(start, true);
  const channels = view.getUint16(start + 2, true);
  const rate = view.getUint32(start + 4, true);
  const bits = view.getUint16(start + 14, true);
  if ((kind !== PCM && kind !== EXTENSIBLE) || bits !== 16) {
    throw new Error(`must be 16-bit PCM, not format ${kind} with ${bits} bits`);
  }
  if (channels === 0) throw new Error('has no channels');
  if (rate < 8000 || rate > 192_000)
    throw new Error(`must have 8000 to 192000 samples a second, not ${rate}`);
  return { channels, rate };
}

function mix(view: DataView, start: number, length: number, channels: number): Float32Array {
  const samples = new Float32Array(Math.floor(length / (2 * channels)));
  for (const at of samples.keys()) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) {
      sum += view.getInt16(start + 2 * (at * channels + channel), true);
    }
    samples[at] = sum / (channels * 32768);
  }
  return samples;
}
