/** What a file that torch wrote holds: a TorchScript program, an exported program (`.pt2`), or ONNX. */
export type TorchFileKind = 'torchscript' | 'exported-program' | 'onnx';
