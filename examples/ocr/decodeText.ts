/** What a recogniser says of one line of text. */
export interface Recognition {
  readonly text: string;
  /** Mean probability of the characters; 0 where there are none. */
  readonly confidence: number;
}

/** Stands between two characters, and keeps `ll` apart from `l` seen twice. */
const BLANK = 0;

/**
 * Reads the answer of a network that was trained with connectionist temporal classification (CTC): for each step along the
 * line it takes the most probable character, joins repeats and drops blanks.
 *
 * @param probabilities one row of `characters.length` for each step
 * @param characters by class; the first is the blank
 */
export function decodeText(probabilities: Float32Array, characters: readonly string[]): Recognition {
  const classes = characters.length;
  let text = '';
  let sum = 0;
  let count = 0;
  let previous = BLANK;
  for (let start = 0; start + classes <= probabilities.length; start += classes) {
    let best = BLANK;
    let probability = probabilities[start] ?? 0;
    for (let other = 1; other < classes; other++) {
      const candidate = probabilities[start + other] ?? 0;
      if (candidate > probability) [best, probability] = [other, candidate];
    }
    if (best !== BLANK && best !== previous) {
      text += characters[best] ?? '';
      sum += probability;
      count += 1;
    }
    previous = best;
  }
  return { text, confidence: count === 0 ? 0 : sum / count };
}
