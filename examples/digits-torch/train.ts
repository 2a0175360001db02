import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findPython } from 'runwright/torch';
import { type LabelledDigit, splitDigits } from './splitDigits.js';

export interface TrainedDigits {
  /** The TorchScript file. */
  readonly file: string;
  /** Images that the network has not seen. */
  readonly test: readonly LabelledDigit[];
  /** What torch itself makes of them. */
  readonly torch: { readonly accuracy: number; readonly predictions: readonly number[] };
}

/**
 * Trains the network in the Python that `registerTorchModel` will use too.
 *
 * @param folder gets the digits as files, and what train.py makes of them
 * @param say gets a line for each pass over the digits
 */
export async function trainDigits(folder: string, say: (line: string) => void): Promise<TrainedDigits> {
  const { train, test } = splitDigits();
  await writeDigits(folder, 'train', train);
  await writeDigits(folder, 'test', test);
  const { path, torchVersion } = await findPython();
  say(`${path}, torch ${torchVersion}`);
  const python = spawn(path, [fileURLToPath(new URL('./train.py', import.meta.url)), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(python, 'close');
  for await (const line of createInterface({ input: python.stdout })) say(line);
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`train.py ended with ${code}`);
  const torch = JSON.parse(await readFile(join(folder, 'torch.json'), 'utf8')) as TrainedDigits['torch'];
  return { file: join(folder, 'digits.pt'), test, torch };
}

async function writeDigits(folder: string, name: string, rows: readonly LabelledDigit[]): Promise<void> {
  const images = Float32Array.from(rows.flatMap(({ input }) => input.pixels));
  const digits = Uint8Array.from(rows, ({ digit }) => digit);
  await writeFile(join(folder, `${name}.f32`), images);
  await writeFile(join(folder, `${name}.u8`), digits);
}
