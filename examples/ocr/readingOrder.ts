import type { Region } from './Picture.js';

/** From top to bottom, and from left to right among boxes of one line: those whose middle lies within the line's first box. */
export function readingOrder<T extends Region>(boxes: readonly T[]): T[] {
  const lines: T[][] = [];
  for (const box of [...boxes].sort((a, b) => middle(a) - middle(b))) {
    const line = lines.at(-1);
    const first = line?.[0];
    if (line && first && middle(box) < first.top + first.height) line.push(box);
    else lines.push([box]);
  }
  return lines.flatMap((line) => line.sort((a, b) => a.left - b.left));
}

const middle = ({ top, height }: Region): number => top + height / 2;
