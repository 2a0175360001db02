import { modelFileInvalid } from '../value/modelFileInvalid';
import { ProtobufFile, type MessageRange, type ProtobufField } from './ProtobufFile';

/** What an ONNX file says that a session does not tell. */
export interface OnnxFileScan {
  /** Files of external data, as the file names them, each once, sorted. */
  readonly locations: readonly string[];
  /** Inputs and outputs whose shape is not declared, so that their rank is unknown. */
  readonly shapeless: ReadonlySet<string>;
}

/** Numbers of fields. @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
const MODEL = { graph: 7, trainingInfo: 20, functions: 25 };
const TRAINING = { initialization: 1, algorithm: 2 };
const FUNCTION = { node: 7, attributeProto: 11 };
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, sparseInitializer: 15 };
const NODE = { attribute: 5 };
const ATTRIBUTE = { t: 5, g: 6, tensors: 10, graphs: 11, sparseTensor: 22, sparseTensors: 23 };
const SPARSE_TENSOR = { values: 1, indices: 2 };
const TENSOR = { externalData: 13, dataLocation: 14 };
const EXTERNAL = 1;
const ENTRY = { key: 1, value: 2 };
const VALUE_INFO = { name: 1, type: 2 };
const TYPE = { tensorType: 1 };
const TENSOR_TYPE = { shape: 2 };

/** More would only be there to fill the memory. */
const MAX_NAMES = 10_000;

/**
 * Looks through an ONNX file, weights excepted: subgraphs, functions and sparse tensors included.
 *
 * @param file absolute path
 * @throws RunwrightError RW_MODEL_FILE_INVALID when it is no ONNX file or not a whole one, RW_IO when it cannot be read
 */
export async function scanOnnxFile(file: string): Promise<OnnxFileScan> {
  return ProtobufFile.read(file, async (reader) => {
    const scan = new Scan(file, reader);
    await scan.model(reader.root);
    return { locations: [...scan.locations].sort(), shapeless: scan.shapeless };
  });
}

class Scan {
  readonly locations = new Set<string>();
  readonly shapeless = new Set<string>();

  constructor(
    private readonly file: string,
    private readonly reader: ProtobufFile,
  ) {}

  async model(range: MessageRange): Promise<void> {
    let hasGraph = false;
    await this.#each(range, (field) => {
      if (field.number === MODEL.graph) {
        hasGraph = true;
        return this.#graph(field, true);
      }
      if (field.number === MODEL.trainingInfo) return this.#training(field);
      return field.number === MODEL.functions ? this.#function(field) : undefined;
    });
    if (hasGraph) return;
    const hint = 'Give the path of an ONNX file';
    throw modelFileInvalid(this.file, 'it is not an ONNX file: it holds no graph', { hint });
  }

  /** Fields that are not messages or texts are passed over, but for numbers in tensors. */
  #each(range: MessageRange, visitor: (field: ProtobufField) => Promise<void> | undefined): Promise<void> {
    return this.reader.visit(range, (field) => (field.delimited ? visitor(field) : undefined));
  }

  #training(range: MessageRange): Promise<void> {
    return this.#each(range, (field) => {
      const { number } = field;
      return number === TRAINING.initialization || number === TRAINING.algorithm
        ? this.#graph(field)
        : undefined;
    });
  }

  #function(range: MessageRange): Promise<void> {
    return this.#each(range, (field) => {
      if (field.number === FUNCTION.node) return this.#node(field);
      return field.number === FUNCTION.attributeProto ? this.#attribute(field) : undefined;
    });
  }

  #graph(range: MessageRange, isMain = false): Promise<void> {
    return this.#each(range, (field) => {
      const { number } = field;
      if (number === GRAPH.node) return this.#node(field);
      if (number === GRAPH.initializer) return this.#tensor(field);
      if (number === GRAPH.sparseInitializer) return this.#sparseTensor(field);
      return isMain && (number === GRAPH.input || number === GRAPH.output) ? this.#value(field) : undefined;
    });
  }

  #node(range: MessageRange): Promise<void> {
    return this.#each(range, (field) =>
      field.number === NODE.attribute ? this.#attribute(field) : undefined,
    );
  }

  #attribute(range: MessageRange): Promise<void> {
    return this.#each(range, (field) => {
      const { number } = field;
      if (number === ATTRIBUTE.t || number === ATTRIBUTE.tensors) return this.#tensor(field);
      if (number === ATTRIBUTE.g || number === ATTRIBUTE.graphs) return this.#graph(field);
      const isSparse = number === ATTRIBUTE.sparseTensor || number === ATTRIBUTE.sparseTensors;
      return isSparse ? this.#sparseTensor(field) : undefined;
    });
  }

  #sparseTensor(range: MessageRange): Promise<void> {
    return this.#each(range, (field) => {
      const { number } = field;
      return number === SPARSE_TENSOR.values || number === SPARSE_TENSOR.indices
        ? this.#tensor(field)
        : undefined;
    });
  }

  async #tensor(range: MessageRange): Promise<void> {
    let isExternal = false;
    let location: string | undefined;
    await this.reader.visit(range, (field) => {
      if (field.number === TENSOR.dataLocation && !field.delimited) isExternal = field.value === EXTERNAL;
      if (field.number !== TENSOR.externalData || !field.delimited) return undefined;
      return this.#entry(field).then(([key, value]) => {
        if (key === 'location') location = value;
      });
    });
    if (isExternal && location !== undefined) this.#add(this.locations, location);
  }

  async #entry(range: MessageRange): Promise<[key: string, value: string]> {
    const texts: [string, string] = ['', ''];
    await this.#each(range, async (field) => {
      if (field.number === ENTRY.key) texts[0] = await this.reader.text(field);
      if (field.number === ENTRY.value) texts[1] = await this.reader.text(field);
    });
    return texts;
  }

  async #value(range: MessageRange): Promise<void> {
    let name = '';
    let isTensor = false;
    let hasShape = false;
    const tensorType = (field: ProtobufField): undefined => {
      hasShape ||= field.number === TENSOR_TYPE.shape;
    };
    const type = (field: ProtobufField): Promise<void> | undefined => {
      if (field.number !== TYPE.tensorType) return undefined;
      isTensor = true;
      return this.#each(field, tensorType);
    };
    await this.#each(range, (field) => {
      if (field.number === VALUE_INFO.type) return this.#each(field, type);
      if (field.number !== VALUE_INFO.name) return undefined;
      return this.reader.text(field).then((text) => void (name = text));
    });
    if (isTensor && !hasShape) this.#add(this.shapeless, name);
  }

  #add(names: Set<string>, name: string): void {
    names.add(name);
    if (names.size <= MAX_NAMES) return;
    throw modelFileInvalid(this.file, `it names more than ${MAX_NAMES} files or values without a shape`, {
      hint: 'Keep all external data in one file when the model is exported',
    });
  }
}
