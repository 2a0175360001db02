/** What a registry's name says: which driver, and where. */
export type RegistryLocation =
  | { readonly kind: 'folder'; readonly url: string; readonly directory: string }
  | {
      readonly kind: 'oci';
      /** For people: `oci://host/prefix`. */
      readonly url: string;
      /** Scheme, host and port that requests go to. */
      readonly origin: URL;
      /** Host and port as they are written, in lower case: the name under which credentials are kept. */
      readonly host: string;
      /** What stands before `organization/repository`: components joined by `/`, or nothing. */
      readonly prefix: string;
    }
  | {
      readonly kind: 'vessl';
      /** For people: `vessl://organization`. */
      readonly url: string;
      /** Absent where VESSL's own settings say it. */
      readonly organization: string | undefined;
      readonly apiHost: URL;
    };
