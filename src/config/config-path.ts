/** Keys of maps and places in lists, from the root. */
export type ConfigPath = readonly PropertyKey[]
