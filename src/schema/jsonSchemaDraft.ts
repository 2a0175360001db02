/** `$schema` of every JSON Schema that is written here. */
export const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
