/** Of a body that is sent several times, counts each byte once. It is told how many have left so far in this try. */
export function countOnce(onBytes: ((count: number) => void) | undefined): (total: number) => void {
  let counted = 0;
  return (total) => {
    if (total <= counted) return;
    onBytes?.(total - counted);
    counted = total;
  };
}
