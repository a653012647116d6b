const encoder = new TextEncoder();

/** Bytes that a value takes in a stored document: JSON in UTF-8, as DynamoDB counts it. */
export const storedBytes = (value: unknown): number => encoder.encode(JSON.stringify(value)).length;
