/** What keeps a site where it is although its serving server is not up is told again after this time. */
export const TELL_AGAIN_MS = 3_600_000;
