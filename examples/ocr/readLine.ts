import type { OnnxModel } from 'runwright/onnx';
import { decodeText, type Recognition } from './decodeText.js';
import type { Picture, Region } from './Picture.js';
import { runNetwork } from './runNetwork.js';

const NORMALISATION = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] } as const;
/** The recogniser takes lines of this height, however wide they are. */
const HEIGHT = 48;

/** Reads the line of text in a box. */
export async function readLine(
  recogniser: OnnxModel,
  characters: readonly string[],
  picture: Picture,
  box: Region,
  signal: AbortSignal,
): Promise<Recognition> {
  const width = Math.ceil((HEIGHT * box.width) / box.height);
  const tensor = await picture.toTensor(box, width, HEIGHT, NORMALISATION);
  return decodeText(await runNetwork(recogniser, tensor, signal), characters);
}
