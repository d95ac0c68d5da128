/** A value that is made when it is first asked for. */
export class Late<T> {
  readonly #make: () => T;
  #made: { value: T } | undefined;

  constructor(make: () => T) {
    this.#make = make;
  }

  get value(): T {
    this.#made ??= { value: this.#make() };
    return this.#made.value;
  }

  /** The value if it was asked for before. */
  get made(): T | undefined {
    return this.#made?.value;
  }
}

/** Results that are kept: trials of several scenarios go side by side. */
const mostRemembered = 4;

/**
 * A function that makes its result only where its last arguments were others: a scenario asks for the same data many times
 * over, for its task, its truth and its graders. Arguments are compared by their JSON.
 */
export function remembered<Argument extends object, Result>(
  make: (argument: Argument) => Result,
): (argument: Argument) => Result {
  const kept = new Map<string, Result>();
  return (argument) => {
    const key = JSON.stringify(argument);
    const result = kept.has(key) ? (kept.get(key) as Result) : make(argument);
    // The one that was asked for last is the last to go.
    kept.delete(key);
    kept.set(key, result);
    for (const oldest of kept.keys()) if (kept.size > mostRemembered) kept.delete(oldest);
    return result;
  };
}
