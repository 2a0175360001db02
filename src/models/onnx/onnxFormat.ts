/** What the first member of `model.json` says. */
export const ONNX_FORMAT = 'runwright-onnx';

/** Raised when a file of the new kind would be misread by an older loader. */
export const ONNX_FORMAT_VERSION = 1;

/** The model in its folder, whatever it was called. */
export const ONNX_FILE = 'model.onnx';
