/** A value and all that is in it, as a view that adds every read of a property to a count. */
export function createReadCounter() {
  const views = new WeakMap<object, object>();
  let reads = 0;
  /** The same view for the same object each time, so that views are compared as their objects would be. */
  function watch<T>(value: T): T {
    if (typeof value !== 'object' || value === null) return value;
    const known = views.get(value);
    if (known) return known as T;
    const view = new Proxy(value, {
      get(target, name, receiver) {
        reads += 1;
        return watch(Reflect.get(target, name, receiver));
      },
    });
    views.set(value, view);
    return view as T;
  }
  return { watch, reads: () => reads };
}
