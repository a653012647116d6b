/** Who ordered something, why and when; what is enqueued and noted of it in several tries has one moment. */
export type Asked = { by: string; reason: string; askedMs: number };

/** Whether two orders are the same one. */
export const isSameOrder = (one: Asked, other: Asked): boolean =>
  one.askedMs === other.askedMs && one.by === other.by && one.reason === other.reason;

/**
 * Whether an order was given after one of `askedMs` that is carried out only now: the last order wins. A time that is
 * still to come is a clock that is wrong, and says nothing of who was first.
 */
export const isGivenSince = (override: Asked, askedMs: number, nowMs: number): boolean =>
  override.askedMs > askedMs && override.askedMs <= nowMs;
