import { unescapeXml } from './escapeXml';
import type { Volume } from './Volume';

/**
 * What has been sent of an upload in parts: number from 1 to ETag; `undefined` when the upload has gone.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html
 */
export async function listParts(
  volume: Volume,
  key: string,
  uploadId: string,
  signal?: AbortSignal,
): Promise<Map<number, string> | undefined> {
  const etags = new Map<number, string>();
  for (let marker = 0; ;) {
    const query = { uploadId, 'part-number-marker': String(marker) };
    const { status, body } = await volume.send({ method: 'GET', key, query, accept: [200, 404], signal });
    if (status === 404) return undefined;
    const text = body.toString();
    for (const [part] of text.matchAll(/<Part>.*?<\/Part>/gs)) {
      const etag = /<ETag>([^<]+)<\/ETag>/.exec(part)?.[1];
      const number = /<PartNumber>(\d+)<\/PartNumber>/.exec(part)?.[1];
      if (etag !== undefined && number !== undefined) etags.set(Number(number), unescapeXml(etag));
    }
    const next = Number(/<NextPartNumberMarker>(\d+)</.exec(text)?.[1] ?? 0);
    if (!text.includes('<IsTruncated>true') || next <= marker) return etags;
    marker = next;
  }
}
