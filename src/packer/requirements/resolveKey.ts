/** Key of what `name` means for code in a folder, by node's rule: the nearest `node_modules` upwards that has it. */
export function resolveKey(has: (key: string) => boolean, folder: string, name: string): string | undefined {
  for (let place = folder; ; place = parentOf(place)) {
    const key = place === '' ? `node_modules/${name}` : `${place}/node_modules/${name}`;
    if (has(key)) return key;
    if (place === '') return undefined;
  }
}

const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
