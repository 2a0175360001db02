/** One part of a path. As the platform's own client does it: nothing but letters, digits and `-_.~` stands for itself. */
export function encodeSegment(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
