import type { Region } from './Picture.js';

/** For each pixel, row by row, how probably it is text. */
export interface ProbabilityMap {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Pixels above it are text. */
const PIXEL_THRESHOLD = 0.3;
/** Mean probability of a line's pixels; less is texture that only looks like text. */
const BOX_THRESHOLD = 0.6;
/** Pixels: nothing smaller can be read. */
const MIN_SIDE = 3;
/** The network marks the core of a line; by this ratio of area to outline the box grows back to the whole letters. */
const UNCLIP_RATIO = 1.6;

/**
 * The lines of text in a probability map: its connected pixels, each set in an upright box. Text that is much tilted gets a
 * box that is too large.
 */
export function findTextBoxes(map: ProbabilityMap): Region[] {
  const seen = new Uint8Array(map.data.length);
  const boxes: Region[] = [];
  for (const start of map.data.keys()) {
    if (seen[start] === 1 || !isText(map, start)) continue;
    const { left, top, right, bottom, mean } = flood(map, seen, start);
    const width = right - left + 1;
    const height = bottom - top + 1;
    if (Math.min(width, height) < MIN_SIDE || mean < BOX_THRESHOLD) continue;
    boxes.push(grow({ left, top, width, height }, map));
  }
  return boxes;
}

const isText = ({ data }: ProbabilityMap, pixel: number): boolean => (data[pixel] ?? 0) > PIXEL_THRESHOLD;

/** All text pixels that touch `start`, also by a corner; marks them as seen. */
function flood(map: ProbabilityMap, seen: Uint8Array, start: number) {
  const { width, height, data } = map;
  const found = { left: width, top: height, right: 0, bottom: 0, mean: 0 };
  const waiting = [start];
  seen[start] = 1;
  let sum = 0;
  let count = 0;
  for (let pixel = waiting.pop(); pixel !== undefined; pixel = waiting.pop()) {
    const x = pixel % width;
    const y = Math.floor(pixel / width);
    found.left = Math.min(found.left, x);
    found.right = Math.max(found.right, x);
    found.top = Math.min(found.top, y);
    found.bottom = Math.max(found.bottom, y);
    sum += data[pixel] ?? 0;
    count += 1;
    for (let nextY = Math.max(0, y - 1); nextY <= Math.min(height - 1, y + 1); nextY++) {
      for (let nextX = Math.max(0, x - 1); nextX <= Math.min(width - 1, x + 1); nextX++) {
        const next = nextY * width + nextX;
        if (seen[next] === 1 || !isText(map, next)) continue;
        seen[next] = 1;
        waiting.push(next);
      }
    }
  }
  return { ...found, mean: sum / count };
}

function grow(box: Region, map: ProbabilityMap): Region {
  const margin = (box.width * box.height * UNCLIP_RATIO) / (2 * (box.width + box.height));
  const left = Math.max(0, box.left - margin);
  const top = Math.max(0, box.top - margin);
  return {
    left,
    top,
    width: Math.min(map.width, box.left + box.width + margin) - left,
    height: Math.min(map.height, box.top + box.height + margin) - top,
  };
}
