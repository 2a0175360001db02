import { parseReference } from '../artifact/Reference';
import { usageError } from './usageError';

/** `[organization/]repository` as options of the registrar. @throws RunwrightError RW_USAGE, RW_REFERENCE_INVALID */
export function parseRepository(
  text: string,
  where: string,
): { readonly organizationName?: string; readonly repositoryName: string } {
  const { organization, repository, number, alias, digest } = parseReference(text);
  if (number !== undefined || alias !== undefined || digest !== undefined) {
    throw usageError(
      where,
      `"${text}" names one model, and a repository is expected`,
      where === 'runwright list'
        ? `Write \`runwright list ${repository}\`, or \`runwright show ${text}\``
        : `Write ${repository}`,
    );
  }
  return {
    ...(organization !== undefined && { organizationName: organization }),
    repositoryName: repository,
  };
}
