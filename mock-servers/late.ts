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
