import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../../src/artifact/Descriptor';
import { digestOf } from '../../../src/artifact/digestOf';
import { distinctBlobs } from '../../../src/artifact/distinctBlobs';

const blob = (text: string): Descriptor => ({
  mediaType: 'application/octet-stream',
  digest: digestOf(Buffer.from(text)),
  size: text.length,
});

describe('distinctBlobs', () => {
  it('names every digest once, the config first', () => {
    const [config, same, other] = [blob('{}'), blob('same'), blob('other')];
    const manifest = { config, layers: [same, other, blob('same'), blob('{}')] };
    expect(distinctBlobs(manifest).map(({ digest }) => digest)).toEqual(
      [config, same, other].map(({ digest }) => digest),
    );
  });
});
