import { isRecord } from '../../artifact/isRecord';
import { RunwrightError } from '../../errors/RunwrightError';
import { BINARY_KINDS } from './binaryKinds';
import { childrenFirst } from './childrenFirst';
import { containerNode, finishedNode } from './containerNode';
import { isModelClass, type ModelClass, type ModelClasses } from './ModelClass';
import { modelFileInvalid } from './modelFileInvalid';
import { MODEL_FORMAT, MODEL_FORMAT_VERSION } from './modelFormat';
import type { ModelNode } from './ModelNode';

/** Gives the bytes of a blob as memory of its own, with elements in the host's order. */
export type ReadBytes = (number: number, size: number, elementSize: number) => Promise<ArrayBuffer>;

const SPECIAL_NUMBERS: readonly unknown[] = ['NaN', 'Infinity', '-Infinity', '-0'];

/**
 * Makes the value that `encodeValue` described. Nothing in the document is trusted and nothing of it is run: the only code
 * is that of `classes`.
 *
 * @param document `model.json`, parsed
 * @param file its name, for errors
 * @throws RunwrightError RW_MODEL_FILE_INVALID, or RW_STAGE_FAILED when a `fromJSON` throws
 */
export async function decodeValue(
  document: unknown,
  file: string,
  readBytes: ReadBytes,
  classes: ModelClasses,
): Promise<unknown> {
  return new Decoder(file, readBytes, classes).decode(document);
}

class Decoder {
  readonly #nodes: ModelNode[] = [];
  #blobs = 0;
  /** What is being read, for errors. */
  #at = 'the document';

  constructor(
    private readonly file: string,
    private readonly readBytes: ReadBytes,
    private readonly classes: ModelClasses,
  ) {}

  async decode(document: unknown): Promise<unknown> {
    const { value, nodes } = this.#header(document);
    for (const [number, node] of nodes.entries()) {
      this.#at = `node ${number}`;
      this.#nodes.push(await this.#node(node));
    }
    for (const [number, node] of this.#finishingOrder()) {
      this.#at = `node ${number}`;
      const finished = node.finish(this.#read);
      if (node.className !== undefined) node.made = await finished;
    }
    this.#at = 'the value';
    return this.#read(value);
  }

  #header(document: unknown): { value: unknown; nodes: readonly unknown[] } {
    if (!isRecord(document) || document['format'] !== MODEL_FORMAT) {
      throw this.#invalid(`its format is not ${MODEL_FORMAT}`);
    }
    const { version, value, nodes } = document;
    if (version !== MODEL_FORMAT_VERSION) {
      throw modelFileInvalid(this.file, `the format version of the model is not ${MODEL_FORMAT_VERSION}`, {
        hint: 'Load it with the version of Runwright that saved it, or a newer one',
      });
    }
    if (!Array.isArray(nodes)) throw this.#invalid('it has no list of nodes');
    return { value, nodes };
  }

  #node(node: unknown): ModelNode | Promise<ModelNode> {
    if (!Array.isArray(node)) throw this.#invalid('it is not a tagged array');
    const [tag, ...content] = node as unknown[];
    if (tag === 'bytes' && content.length === 3) return this.#bytes(content);
    if (tag === 'instance' && content.length === 2) return this.#instance(content);
    const container = content.length === 1 ? containerNode(tag, content[0]) : undefined;
    if (container === undefined) throw this.#invalid('it is of no known kind');
    return container;
  }

  async #bytes([name, number, size]: readonly unknown[]): Promise<ModelNode> {
    const kind = typeof name === 'string' ? BINARY_KINDS.get(name) : undefined;
    if (kind === undefined) throw this.#invalid('its bytes are of no known kind');
    // One blob, one node: otherwise a short text could ask for any amount of memory.
    const turn = this.#blobs++;
    if (number !== turn) throw this.#invalid('its blob is out of turn');
    if (
      typeof size !== 'number' ||
      !Number.isSafeInteger(size) ||
      size < 0 ||
      size % kind.elementSize !== 0
    ) {
      throw this.#invalid('its size does not fit its kind');
    }
    return finishedNode(kind.wrap(await this.readBytes(turn, size, kind.elementSize)));
  }

  #instance([name, slot]: readonly unknown[]): ModelNode {
    if (typeof name !== 'string') throw this.#invalid('its class has no name');
    const modelClass = Object.hasOwn(this.classes, name) ? this.classes[name] : undefined;
    if (!isModelClass(modelClass)) {
      throw modelFileInvalid(
        this.file,
        `the model holds an instance of ${name}, and no class of that name with a static fromJSON was found`,
        { hint: `Export ${name} from the module that exports the runner` },
      );
    }
    return {
      made: undefined,
      slots: [slot],
      className: name,
      finish: (read) => callFromJSON(modelClass, name, read(slot)),
    };
  }

  /** An instance needs a finished value, so what it refers to comes first; containers may refer to each other at will. */
  *#finishingOrder(): Generator<[number, ModelNode]> {
    const nodes = this.#nodes;
    if (nodes.every(({ className }) => className === undefined)) return yield* nodes.entries();
    const children = nodes.map(({ slots }) => slots.flatMap((slot) => refOf(slot, nodes.length) ?? []));
    const { order, cyclic } = childrenFirst(children);
    if (cyclic.some((number) => nodes[number]?.className !== undefined)) {
      this.#at = 'the list of nodes';
      throw this.#invalid('the value of an instance leads into a cycle');
    }
    for (const number of [...order, ...cyclic]) {
      const node = nodes[number];
      if (node !== undefined) yield [number, node];
    }
  }

  readonly #read = (slot: unknown): unknown => {
    if (slot === null || typeof slot === 'string' || typeof slot === 'number' || typeof slot === 'boolean') {
      return slot;
    }
    const number = refOf(slot, this.#nodes.length);
    if (number !== undefined) return this.#nodes[number]?.made;
    if (Array.isArray(slot)) {
      const [tag, text] = slot as unknown[];
      if (tag === 'undefined' && slot.length === 1) return undefined;
      if (tag === 'number' && slot.length === 2 && SPECIAL_NUMBERS.includes(text)) return Number(text);
      if (tag === 'bigint' && slot.length === 2) return this.#bigint(text);
    }
    throw this.#invalid('it holds something that is neither a value nor a known tag');
  };

  #bigint(text: unknown): bigint {
    try {
      if (typeof text === 'string' && /^-?\d+$/.test(text)) return BigInt(text);
    } catch {
      // More digits than a bigint can have.
    }
    throw this.#invalid('it holds a bigint that is none');
  }

  #invalid(what: string): RunwrightError {
    return modelFileInvalid(this.file, `${this.#at} is not valid: ${what}`);
  }
}

function refOf(slot: unknown, count: number): number | undefined {
  if (!Array.isArray(slot) || slot.length !== 2 || slot[0] !== 'ref') return undefined;
  const number: unknown = slot[1];
  const known = typeof number === 'number' && Number.isInteger(number) && number >= 0 && number < count;
  return known ? number : undefined;
}

async function callFromJSON(modelClass: ModelClass, name: string, value: unknown): Promise<unknown> {
  try {
    return await modelClass.fromJSON(value);
  } catch (cause) {
    throw new RunwrightError('RW_STAGE_FAILED', {
      where: `${name}.fromJSON`,
      what: 'it threw while the model was loaded',
      hint: 'See the cause',
      cause,
    });
  }
}
