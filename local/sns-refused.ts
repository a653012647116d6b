/** A refusal of SNS in its own terms. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const invalid = (what: string): never => {
  throw new Refused(400, 'InvalidParameter', `Invalid parameter: ${what}`);
};
