import type { Readable } from 'node:stream';

const BYTES_KEPT = 8192;
const LINES_TOLD = 10;

/** The last lines that a process has written to its stderr; all before them is forgotten. */
export class StderrTail {
  #text = '';

  constructor(stream: Readable) {
    stream.setEncoding('utf8');
    stream.on('data', (piece: string) => (this.#text = (this.#text + piece).slice(-BYTES_KEPT)));
  }

  /** For the end of a sentence: `; its last words were: ...`, or nothing. */
  get words(): string {
    const lines = this.#text.trimEnd().split('\n').slice(-LINES_TOLD);
    return lines.length === 1 && lines[0] === '' ? '' : `; its last words were:\n    ${lines.join('\n    ')}`;
  }
}
