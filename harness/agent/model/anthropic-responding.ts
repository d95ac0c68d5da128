const snapshotDate = /^\d{8}$/;

/**
 * Whether another model answered than the one that was asked for. An alias answered by a dated snapshot of itself is the
 * same model (`claude-haiku-4-5` and `claude-haiku-4-5-20251001`; `claude-x-latest` and `claude-x-20251001`). Anything else
 * counts as different, also a pinned snapshot that is answered by its bare alias: nothing shows that the pin was kept.
 */
export function respondingModelDiffers(requested: string, responding: string): boolean {
  if (responding === requested) return false;
  const alias = requested.endsWith('-latest') ? requested.slice(0, -'-latest'.length) : requested;
  const isSnapshot =
    responding.startsWith(`${alias}-`) && snapshotDate.test(responding.slice(alias.length + 1));
  return !isSnapshot;
}
