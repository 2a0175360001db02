/** Protocol Buffers as bytes: just what an ONNX file needs. Each function gives one field of a message. */
const VARINT = 0;
const DELIMITED = 2;

/** @param value a non-negative integer */
export const integer = (field: number, value: number): Buffer =>
  Buffer.concat([varint(field * 8 + VARINT), varint(value)]);

/** @param content a string, or bytes: another message among them */
export function bytes(field: number, content: string | Uint8Array): Buffer {
  const buffer = Buffer.from(content as Uint8Array);
  return Buffer.concat([varint(field * 8 + DELIMITED), varint(buffer.length), buffer]);
}

export const message = (...fields: readonly (Buffer | readonly Buffer[])[]): Buffer =>
  Buffer.concat(fields.flat());

export function varint(value: number): Buffer {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...out, rest]);
    out.push((rest % 128) | 128);
  }
}
