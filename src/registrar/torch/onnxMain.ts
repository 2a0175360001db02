import { OnnxModel } from '../../models/onnx/OnnxModel';
import type { TensorRecord } from '../../models/tensor/TensorModel';
import { makeTensor } from '../../schema/makeTensor';
import type { TensorType } from '../../schema/TensorType';
import { toWireTensors, type OnnxAnswer, type OnnxCall } from './OnnxProcess';
import { RunwrightError } from '../../errors/RunwrightError';

// The program of the child process in which an exported model is run for comparison, so that neither its weights nor a
// crash of the runtime are the registering program's.
let model: OnnxModel | undefined;

process.on('message', (call: OnnxCall) => {
  void answer(call).then((message) => process.send?.(message));
});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

async function answer(call: OnnxCall): Promise<OnnxAnswer> {
  try {
    if (call.kind === 'open') {
      model = await OnnxModel.fromFile(call.file, { intraOpNumThreads: call.threads });
      return { ok: true, signature: model.signature };
    }
    const inputs = Object.fromEntries(
      call.tensors.map(({ name, type, data, dims }) => [name, makeTensor(type as TensorType, data, dims)]),
    ) as TensorRecord;
    return { ok: true, tensors: toWireTensors((await model?.run(inputs)) ?? {}) };
  } catch (error) {
    const { what, hint } = RunwrightError.is(error) ? error : { what: String(error), hint: '' };
    return { ok: false, what, hint };
  }
}
