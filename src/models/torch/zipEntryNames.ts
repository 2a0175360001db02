/**
 * The names of all entries of a zip file, from its directory; no entry is read.
 *
 * @throws Error when the file is not a zip file, or is cut off
 */
export async function zipEntryNames(file: string): Promise<string[]> {
  const { openPromise } = await import('yauzl');
  const zip = await openPromise(file, { autoClose: false });
  try {
    const names: string[] = [];
    for await (const { fileName } of zip.eachEntry()) names.push(fileName);
    return names;
  } finally {
    zip.close();
  }
}
