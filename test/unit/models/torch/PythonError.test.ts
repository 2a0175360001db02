import { describe, expect, it } from 'vitest';
import { PythonError } from '../../../../src/models/torch/PythonError';

const summary = (type: string, message: string): string =>
  new PythonError({ type, message, traceback: [] }).summary;

describe('the summary of a Python error', () => {
  it('is its line, with its type', () => {
    expect(summary('ValueError', 'no such thing')).toBe('ValueError: no such thing');
    expect(summary('ValueError', '')).toBe('ValueError: ');
  });

  it("is the last line of the interpreter's tracebacks, which has the reason", () => {
    const message =
      'The following operation failed in the TorchScript interpreter.\nTraceback of TorchScript:\n' +
      '    return torch.mm(x, w)\n           ~~~~~~~~ <--- HERE\nRuntimeError: mat1 and mat2 do not fit\n';
    expect(summary('RuntimeError', message)).toBe('RuntimeError: mat1 and mat2 do not fit');
  });

  it('is the first line where the message ends in source code', () => {
    const message =
      '\nUnknown builtin op: aten::scaled_dot_product_attention.\nHere are some suggestions: \n' +
      '  File "code/__torch__.py", line 9\n    _0 = torch.scaled_dot_product_attention(x)\n' +
      '         ~~~~~~~~~~~~~~~ <--- HERE\n    return _0\n';
    expect(summary('RuntimeError', message)).toBe(
      'RuntimeError: Unknown builtin op: aten::scaled_dot_product_attention.',
    );
  });
});
