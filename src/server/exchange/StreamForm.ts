/** How the items of a streamed answer are told apart: JSON Lines, or server-sent events. */
export type StreamForm = 'ndjson' | 'sse';
