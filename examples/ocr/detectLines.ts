import type { OnnxModel } from 'runwright/onnx';
import { findTextBoxes } from './findTextBoxes.js';
import type { Picture, Region } from './Picture.js';
import { runNetwork } from './runNetwork.js';

/** Of ImageNet's photographs, which the detector was trained on first. */
const NORMALISATION = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] } as const;
/** The detector takes sides that are multiples of this. */
const MULTIPLE = 32;
/** A larger picture is shrunk to it for the detector, which costs time by the pixel; the lines are read at full size. */
const MAX_SIDE = 960;

/** The boxes around the lines of text, in whole pixels of the picture. */
export async function detectLines(
  detector: OnnxModel,
  picture: Picture,
  signal: AbortSignal,
): Promise<Region[]> {
  const scale = Math.min(1, MAX_SIDE / Math.max(picture.width, picture.height));
  const fit = (side: number): number => Math.max(1, Math.round((side * scale) / MULTIPLE)) * MULTIPLE;
  const [width, height] = [fit(picture.width), fit(picture.height)];
  const whole = { left: 0, top: 0, width: picture.width, height: picture.height };
  const tensor = await picture.toTensor(whole, width, height, NORMALISATION);
  const data = await runNetwork(detector, tensor, signal);

  const across = picture.width / width;
  const down = picture.height / height;
  return findTextBoxes({ width, height, data }).map((box) => {
    const left = Math.floor(box.left * across);
    const top = Math.floor(box.top * down);
    const right = Math.min(picture.width, Math.ceil((box.left + box.width) * across));
    const bottom = Math.min(picture.height, Math.ceil((box.top + box.height) * down));
    return { left, top, width: right - left, height: bottom - top };
  });
}
