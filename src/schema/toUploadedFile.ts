import type { StoredFile } from './StoredFile';
import { UploadedFile } from './UploadedFile';

/** For the server, which knows where it stored the file: never to be called with what a caller sent. */
export function toUploadedFile(stored: StoredFile): UploadedFile {
  return new UploadedFile(stored);
}
