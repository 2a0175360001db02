/** Protocol Buffers as bytes: just what an ONNX file needs. Each function gives one field of a message. */
const VARINT = 0;
const DELIMITED = 2;

/** @param value a non-negative integer */
export const integer = (field, value) => Buffer.concat([varint((field << 3) | VARINT), varint(value)]);

/** @param bytes a string, or bytes: another message among them */
export function bytes(field, content) {
  const buffer = Buffer.from(content);
  return Buffer.concat([varint((field << 3) | DELIMITED), varint(buffer.length), buffer]);
}

export const message = (...fields) => Buffer.concat(fields.flat());

function varint(value) {
  const out = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...out, rest]);
    out.push((rest % 128) | 128);
  }
}
