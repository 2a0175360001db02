import { basename, extname } from 'node:path';

/** A runner's name from that of a file: `Iris Net.onnx` is `iris-net`. */
export function onnxName(file: string): string {
  const name = basename(file, extname(file))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return name.replace(/^-|-$/g, '') || 'model';
}
