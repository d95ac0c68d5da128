/**
 * Why the policy does not let a call through: the scenario does not name the tool, it does not write and the tool is not
 * plainly read-only, or the arguments do not fit.
 */
export const refusalCodes = ['not_allowed', 'not_read_only', 'invalid_arguments'] as const;
export type RefusalCode = (typeof refusalCodes)[number];
