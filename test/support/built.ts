/** Whether turbo built the packages before it tests: builds start in half the time that sources take. */
export const isBuilt = process.env.TURBO_HASH !== undefined;
