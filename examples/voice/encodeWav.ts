/**
 * A WAV file of 16-bit PCM.
 *
 * @param rate samples a second
 * @param channels samples from -1 to 1, as many in each; what lies beyond is cut
 */
export function encodeWav(rate: number, ...channels: readonly Float32Array[]): Uint8Array {
  const frame = 2 * channels.length;
  const size = frame * (channels[0]?.length ?? 0);
  const bytes = new Uint8Array(44 + size);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('RIFF    WAVEfmt '));
  bytes.set(new TextEncoder().encode('data'), 36);
  view.setUint32(4, 36 + size, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * frame, true);
  view.setUint16(32, frame, true);
  view.setUint16(34, 16, true);
  view.setUint32(40, size, true);
  for (const [channel, samples] of channels.entries()) {
    for (const [at, sample] of samples.entries()) {
      const value = Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
      view.setInt16(44 + at * frame + 2 * channel, value, true);
    }
  }
  return bytes;
}
