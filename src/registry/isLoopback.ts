/** Whether a host of a URL is this machine: `localhost`, 127.0.0.0/8, [::1]. Nothing is looked up, so names below `localhost` may be anybody's. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
