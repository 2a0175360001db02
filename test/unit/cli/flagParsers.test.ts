import { describe, expect, it } from 'vitest';
import { addArtifact, addNames, addText, parseCount, parsePort } from '../../../src/cli/flagParsers';

describe('--artifact', () => {
  it('gathers local path to package path', () => {
    const first = addArtifact('data/labels.txt=labels.txt');
    expect(addArtifact('a=b/*=c/*', first)).toEqual({ 'data/labels.txt': 'labels.txt', 'a=b/*': 'c/*' });
    expect(Object.entries(addArtifact('__proto__=x'))).toEqual([['__proto__', 'x']]);
  });

  it.each(['', 'a', '=a', 'a='])('refuses "%s"', (text) => {
    expect(() => addArtifact(text)).toThrow('local=path');
  });

  it('refuses one local path twice', () => {
    expect(() => addArtifact('a=c', { a: 'b' })).toThrow('twice');
  });
});

it('--requirement and --allow-scripts gather', () => {
  expect(addText('b', addText('a'))).toEqual(['a', 'b']);
  expect(() => addText('')).toThrow();
  expect(addNames('b, @c/d', addNames('a'))).toEqual(['a', 'b', '@c/d']);
  expect(() => addNames('a,')).toThrow();
});

describe('numbers', () => {
  it.each(['1', '42', '9007199254740991'])('%s is a model number', (text) => {
    expect(parseCount(text)).toBe(Number(text));
  });
  it.each(['', '0', '01', '-1', '1.5', '1e3', ' 1', 'x', '9007199254740992'])('"%s" is none', (text) => {
    expect(() => parseCount(text)).toThrow();
  });
  it.each(['0', '3000', '65535'])('%s is a port', (text) => {
    expect(parsePort(text)).toBe(Number(text));
  });
  it.each(['', '-1', '65536', '80a', '1e3'])('"%s" is none', (text) => {
    expect(() => parsePort(text)).toThrow();
  });
});
