/**
 * Element types of tensors, by onnxruntime-common's names.
 *
 * @see https://onnxruntime.ai/docs/api/js/interfaces/Tensor.DataTypeMap.html
 */
export type TensorType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool'
  | 'string';
