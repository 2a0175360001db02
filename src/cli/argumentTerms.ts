/** How arguments are called in the help of commands. */
export const ENTRY = 'module that exports the runner class';

export const REFERENCE = '[organization/]repository[:number|:alias][@sha256:hex], or its oci: or vessl: URL';

export const REGISTRY = 'folder, oci://host[:port][/prefix], or vessl://organization';
