import { inspect } from 'node:util';
import { describeType } from '../../errors/describeType';
import type { Logger } from '../../metadata/contexts';
import type { Channel } from '../transport/Channel';
import { KIND } from '../transport/Message';
import { encodeValue } from '../wire/encodeValue';

/** The program's logger, as the runner in a worker sees it. What cannot be sent is sent as text. */
export function channelLogger(channel: Channel): Logger {
  const write =
    (level: keyof Logger) =>
    (...args: unknown[]) => {
      let body: Uint8Array;
      try {
        body = encodeValue(args);
      } catch {
        body = encodeValue(args.map(toText));
      }
      channel.send({ kind: KIND.log, id: 0, meta: level, body });
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

function toText(arg: unknown): string {
  if (typeof arg === 'string') return arg;
  try {
    return inspect(arg);
  } catch {
    return describeType(arg);
  }
}
