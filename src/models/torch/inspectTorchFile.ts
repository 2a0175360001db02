import { open } from 'node:fs/promises';
import { errorCodeOf } from '../../errors/errorCodeOf';
import { ioError } from '../../errors/ioError';
import { isMissing } from '../../errors/isMissing';
import type { TorchFileKind } from './TorchFileKind';
import { torchFileInvalid } from './torchFileInvalid';
import { zipEntryNames } from './zipEntryNames';

const HOW_TO_SAVE = `A pickle is a program in disguise and is never loaded. Make a file that can be used, in Python:
    model = ...  # your torch.nn.Module with its weights: model.load_state_dict(...)
    example = torch.randn(2, 4)  # inputs of the right shape, a batch of 2
    torch.jit.trace(model.eval(), example).save('model.pt')`;

const ZIP = Buffer.from('PK\x03\x04', 'latin1');
const PICKLE = 0x80;
/** The first field of every ONNX file that is written today: `ir_version`. */
const ONNX_FIELD = 0x08;

/**
 * What a file of torch's holds, told by the names of its zip entries: nothing of it is unpickled.
 *
 * @param file absolute path
 * @throws RunwrightError RW_MODEL_FILE_INVALID for a pickled module or a bare state dict, with the Python that makes a usable
 *   file; for an empty, cut off or unknown file; when there is no such file. RW_IO when it cannot be read
 * @see https://pytorch.org/docs/stable/notes/serialization.html
 * @example await inspectTorchFile('/models/mlp.pt') // 'torchscript'
 */
export async function inspectTorchFile(file: string): Promise<TorchFileKind> {
  const first = await readBeginning(file);
  if (first.length === 0) throw torchFileInvalid(file, 'the file is empty');
  if (first.equals(ZIP)) return kindOfZip(file);
  if (first[0] === PICKLE && (first[1] ?? 0) <= 5) {
    const what = 'the file is a pickle as torch.save wrote it before version 1.6: a module or a state dict';
    throw torchFileInvalid(file, what, { hint: HOW_TO_SAVE });
  }
  if (first[0] === ONNX_FIELD || file.endsWith('.onnx')) return 'onnx';
  throw torchFileInvalid(file, 'the file is neither TorchScript, nor an exported program, nor ONNX');
}

async function readBeginning(file: string): Promise<Buffer> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(ZIP.length), 0, ZIP.length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (isMissing(cause)) {
      throw torchFileInvalid(file, 'there is no such file', { hint: 'Check the path', cause });
    }
    if (errorCodeOf(cause) === 'EISDIR') {
      throw torchFileInvalid(file, 'it is a folder', { hint: 'Name the file itself', cause });
    }
    throw ioError(cause, file, 'read the model');
  }
}

async function kindOfZip(file: string): Promise<TorchFileKind> {
  let names: ReadonlySet<string>;
  try {
    const all = await zipEntryNames(file);
    // All of torch's entries are in one folder, whose name is any; early .pt2 files have none.
    names = new Set(all.flatMap((name) => [name, name.slice(name.indexOf('/') + 1)]));
  } catch (cause) {
    throw torchFileInvalid(file, 'the file is cut off or damaged: its zip directory cannot be read', {
      hint: 'Copy it again, or save it again',
      cause,
    });
  }
  if (names.has('constants.pkl') && [...names].some((name) => name.startsWith('code/'))) return 'torchscript';
  if (names.has('archive_format') && names.has('models/model.json')) return 'exported-program';
  if (names.has('serialized_exported_program.json')) return 'exported-program';
  if (names.has('data.pkl')) {
    const what = 'the file is a pickle as torch.save writes it: a whole module or a bare state dict';
    throw torchFileInvalid(file, what, { hint: HOW_TO_SAVE });
  }
  throw torchFileInvalid(file, 'the file is a zip file, but holds no model of torch');
}
