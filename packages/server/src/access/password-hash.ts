import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from "node:crypto";
import { RequestError } from "../errors.ts";

/** How much work a guess costs. */
export interface ScryptCost {
  /** log2 of N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP's scrypt parameters with 32 MiB: as strong as N=2^17 p=1, and two at a time leave a small machine alone. */
const defaultCost: ScryptCost = { ln: 15, r: 8, p: 3 };
/** Hash texts beyond this are not ours, and would only cost memory. */
const maxCost: ScryptCost = { ln: 17, r: 8, p: 8 };
const keyBytes = 32;
const saltBytes = 16;
/** Passwords that are worked on at the same time, and those that wait. Ours. */
const maxRunning = 2;
const maxWaiting = 32;

/** Characters of a password. The upper bound keeps hashing of the text itself cheap. Ours; NIST SP 800-63B asks for 8. */
const minPasswordCharacters = 12;
const maxPasswordCharacters = 256;

/** Turns passwords into texts that may be kept, and compares. */
export interface PasswordHasher {
  /** `$scrypt$ln=15,r=8,p=3$salt$key`. @throws RequestError `login-busy` */
  hash(password: string): Promise<string>;
  /** Takes as long without a hash as with one, and is false then. @throws RequestError `login-busy` */
  matches(password: string, hash: string | null): Promise<boolean>;
}

export function createPasswordHasher(cost: ScryptCost = defaultCost): PasswordHasher {
  const waiting: (() => void)[] = [];
  let running = 0;
  // What unknown users are compared with. Nothing matches it.
  const decoy = format(cost, randomBytes(saltBytes), randomBytes(keyBytes));

  async function derive(password: string, salt: Buffer, of: ScryptCost): Promise<Buffer> {
    if (running >= maxRunning) {
      if (waiting.length >= maxWaiting) throw new RequestError("login-busy");
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await deriveKey(password, salt, of);
    } finally {
      // Who waits takes the place over.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  return {
    async hash(password) {
      const salt = randomBytes(saltBytes);
      return format(cost, salt, await derive(password, salt, cost));
    },
    async matches(password, hash) {
      const kept = parse(hash ?? decoy) ?? parse(decoy);
      if (kept === null) return false;
      const key = await derive(password, kept.salt, kept.cost);
      return timingSafeEqual(key, kept.key) && hash !== null;
    },
  };
}

/** Null when the password may be used for this account, otherwise why not. */
export function passwordProblem(password: string, email: string): string | null {
  const { length } = password;
  if (length < minPasswordCharacters) return `It has ${length}.`;
  if (length > maxPasswordCharacters) return "It has more.";
  return password.toLowerCase() === email.toLowerCase() ? "It must not be the e-mail address." : null;
}

function deriveKey(password: string, salt: Buffer, { ln, r, p }: ScryptCost): Promise<Buffer> {
  const N = 2 ** ln;
  // Node refuses what needs more than maxmem; twice what scrypt itself needs.
  const options: ScryptOptions = { N, r, p, maxmem: 2 * 128 * N * r };
  return new Promise((resolve, reject) => {
    // The same password typed on two keyboards may be composed differently.
    scrypt(password.normalize("NFKC"), salt, keyBytes, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

function format({ ln, r, p }: ScryptCost, salt: Buffer, key: Buffer): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${salt.toString("base64url")}$${key.toString("base64url")}`;
}

function parse(
  text: string,
): { readonly cost: ScryptCost; readonly salt: Buffer; readonly key: Buffer } | null {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]{22})\$([\w-]{43})$/.exec(text);
  if (match === null) return null;
  const [, ln, r, p, salt = "", key = ""] = match;
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  if (cost.ln < 1 || cost.r < 1 || cost.p < 1) return null;
  if (cost.ln > maxCost.ln || cost.r > maxCost.r || cost.p > maxCost.p) return null;
  return { cost, salt: Buffer.from(salt, "base64url"), key: Buffer.from(key, "base64url") };
}
