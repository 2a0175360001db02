import { expect, it } from 'vitest';
import type { Message } from '../../../src/execution/transport/Message';
import { decodeValue } from '../../../src/execution/wire/decodeValue';
import { channelLogger } from '../../../src/execution/worker/channelLogger';
import { oddErrors } from '../oddErrors';

function logged(...args: unknown[]): unknown {
  const sent: Message[] = [];
  const channel = {
    listen: () => undefined,
    send: (message: Message) => void sent.push(message),
    flush: () => undefined,
    close: () => undefined,
    setRef: () => undefined,
  };
  channelLogger(channel).error('what', ...args);
  return decodeValue(sent[0]?.body as Uint8Array);
}

it('sends what cannot be sent as text', () => {
  expect(logged(1, () => 2)).toEqual(['what', '1', '[Function (anonymous)]']);
});

it.each(oddErrors)('sends something of an error that has %s', (_, make) => {
  expect(logged(make())).toHaveLength(2);
  expect(logged(make(), () => 2)).toHaveLength(3);
});
