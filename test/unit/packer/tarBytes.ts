/** One entry of a hand-made tar, hostile ones included: nothing is checked here. */
export interface RawEntry {
  name: string;
  body?: Buffer | string;
  /** The type flag: `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` folder, `6` fifo, `S` GNU sparse. */
  flag?: string;
  /** Said in the header, when it is to differ from the body's. */
  size?: number;
  link?: string;
  magic?: string;
}

const END = Buffer.alloc(1024);

export function tarOf(entries: readonly RawEntry[], end: Buffer = END): Buffer {
  return Buffer.concat([...entries.map(tarEntry), end]);
}

export function tarEntry({
  name,
  body = '',
  flag = '0',
  size,
  link = '',
  magic = 'ustar\x0000',
}: RawEntry): Buffer {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${(size ?? bytes.length).toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write(flag, 156);
  header.write(link, 157, 100);
  header.write(magic, 257, 'latin1');
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** A pax extended header for the entry that follows it. */
export function paxEntry(records: Readonly<Record<string, string>>): RawEntry {
  const body = Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      let length = rest.length;
      while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
      return `${length}${rest}`;
    })
    .join('');
  return { name: 'PaxHeader', flag: 'x', body };
}
