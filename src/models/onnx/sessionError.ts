import { RunwrightError } from '../../errors/RunwrightError';
import { shorten } from '../../schema/shorten';
import { modelFileInvalid } from '../value/modelFileInvalid';

/** Element types without an array in JavaScript, by their numbers in onnx.proto. */
const TYPES: Readonly<Record<string, string>> = { 14: 'complex64', 15: 'complex128', 16: 'bfloat16' };

interface Known {
  readonly pattern: RegExp;
  readonly what: (...found: string[]) => string;
  readonly hint: string;
}

const EXPORT_LOWER =
  'Export the model again with a lower `opset_version`, or install a newer onnxruntime-node';

const KNOWN: readonly Known[] = [
  {
    pattern: /Protobuf parsing failed|ModelProto does not have a graph/,
    what: () => 'it is not an ONNX file, or not a whole one',
    hint: 'The file is damaged or cut off: export or download it again',
  },
  {
    pattern: /Opset (\d+) is under development.*support for domain (\S+) is till opset (\d+)/s,
    what: (opset, domain, newest) =>
      `it needs opset ${opset} of ${domain}, and the onnxruntime-node that is installed knows up to ${newest}`,
    hint: EXPORT_LOWER,
  },
  {
    pattern: /Unsupported model IR version: (\d+), max supported IR version: (\d+)/,
    what: (version, newest) =>
      `it has version ${version} of the ONNX format, and the onnxruntime-node that is installed knows up to ${newest}`,
    hint: EXPORT_LOWER,
  },
  {
    pattern: /No Op registered for (\S+) with domain_version of (\d+)/,
    what: (operator, opset) => `it has the operator ${operator}, which opset ${opset} does not have`,
    hint: 'Export the model with an opset that has it; operators of your own cannot be loaded',
  },
  {
    pattern: /No opset import for domain '([^']*)'|(\S+)\(-?\d+\) is not a registered function\/op/,
    what: (domain, operator) =>
      domain === '' || domain === undefined
        ? `it has the operator ${operator}, which onnxruntime does not know`
        : `it has an operator of "${domain}", which onnxruntime does not know`,
    hint: 'Export the model with operators of ONNX alone; operators of your own cannot be loaded',
  },
  {
    pattern: /Unsupported data type: (\d+)/,
    what: (type = '') =>
      `an input or output of it has elements of ${TYPES[type] ?? `the type ${type} of onnx.proto`}, for which there is no array in JavaScript`,
    hint: 'Export it with float32 or float16, or put a Cast behind the input and before the output',
  },
  {
    pattern: /tensor\((complex\d+)\) is not currently registered/,
    what: (type) => `it has elements of ${type}, which onnxruntime does not support`,
    hint: 'Export the model with real numbers',
  },
  {
    pattern: /External initializer: (\S+) .* are out of bounds/,
    what: (name) => `the file of its external data is too short for the weights of "${name}"`,
    hint: 'The data is cut off or belongs to another model: copy model and data together once more',
  },
];

/**
 * What onnxruntime threw when it opened a file, in our words.
 *
 * @param file absolute path
 */
export function sessionError(thrown: unknown, file: string): RunwrightError {
  if (/\.(pt2?|pth)$/.test(file)) return torchFile(file, thrown);
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  // One line for people; all of it is one step further.
  const cause = new Error(brief(said, file), { cause: thrown });
  for (const { pattern, what, hint } of KNOWN) {
    const found = pattern.exec(said);
    if (found) return modelFileInvalid(file, what(...found.slice(1)), { hint, cause });
  }
  if (/ExecutionProvider|providers\//.test(said)) {
    return new RunwrightError('RW_OPTION_INVALID', {
      where: `${file}, option \`executionProviders\``,
      what: `one of them does not work here: ${cause.message}`,
      hint: 'Install what it needs on this machine, or leave the option out to run on the CPU',
      cause,
    });
  }
  return modelFileInvalid(file, `onnxruntime cannot open it: ${cause.message}`, {
    hint: 'Check the model with `onnx.checker.check_model`, and export it again',
    cause,
  });
}

const LONGEST = 400;

/** Without places in onnxruntime's own sources, and without the path, which is said already. */
function brief(said: string, file: string): string {
  const text = said
    .replaceAll(`Load model from ${file} failed:`, '')
    .replaceAll(/\/onnxruntime_src\/\S+ .*?\)(::<lambda\(\)>)?\s/gs, '')
    .replaceAll(/\s+/g, ' ');
  return shorten(text.trim().replace(/\.$/, ''), LONGEST);
}

function torchFile(file: string, cause: unknown): RunwrightError {
  return modelFileInvalid(file, "it is a file of torch's, not an ONNX file", {
    hint: 'Call registerTorchModel({ modelInstance: file, ... }), which exports it',
    cause,
  });
}
