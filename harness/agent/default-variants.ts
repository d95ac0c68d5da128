/** The variants that a run compares unless told otherwise. Apart from the variants: their patterns and models take long to load. */
export const defaultVariants = ['classic', 'classic-search', 'code', 'code-typed'];
