import { fileURLToPath } from 'node:url';

/** The absolute path of something in the repository. */
export const path = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
