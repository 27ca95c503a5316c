/** Which Redis: the address as a user writes it, and as it may be shown. */
import { LlmapError } from "../errors.js";

export interface RedisAddress {
  host: string;
  port: number;
  username: string | undefined;
  password: string | undefined;
  db: number;
  tls: boolean;
  /** Without user and password, for messages. */
  shown: string;
}

const defaultPort = 6379;
/** Holds the password, so that it need not stand in the command line, where every user of the machine can read it. */
const passwordVariable = "LLMAP_REDIS_PASSWORD";

/**
 * Reads redis://[user[:password]@]host[:port][/database], or rediss:// for TLS. A password that it leaves out is taken from {@link passwordVariable}.
 * Errors: ERR_USAGE, without the password.
 */
export function redisAddress(address: string, environment: NodeJS.ProcessEnv = process.env): RedisAddress {
  const expected = "Expected redis://host:port, or rediss://host:port for TLS, for the queue (--queue)";
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new LlmapError("ERR_USAGE", `${expected}, but what was received is no URL.`);
  }
  // Only what cannot be a password: without its //, all of an address is a path.
  const database = /^\/?(\d{1,5})?$/.exec(url.pathname);
  const shown = `${url.protocol}//${url.host}${database?.[1] === undefined ? "" : `/${database[1]}`}`;
  // host:6379 reads as a scheme and a path. What came may hold a password, so it is not shown.
  if (url.hostname === "") throw new LlmapError("ERR_USAGE", `${expected}, but what was received has no host behind redis:// or rediss://.`);
  if (url.protocol !== "redis:" && url.protocol !== "rediss:") throw new LlmapError("ERR_USAGE", `${expected}, but received ${shown}.`);
  if (database === null || url.search !== "" || url.hash !== "") throw new LlmapError("ERR_USAGE", `${expected}, with nothing behind it but /database; received ${shown} and more.`);
  const [username, given] = [decoded(url.username), decoded(url.password)];
  if (username === null || given === null) throw new LlmapError("ERR_USAGE", `${expected}; in the user and the password for ${shown}, % must be written as %25, or give the password in ${passwordVariable}.`);
  const secret = given === "" ? environment[passwordVariable] : given;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? defaultPort : Number(url.port),
    username: username === "" ? undefined : username,
    password: secret === "" ? undefined : secret,
    db: Number(database[1] ?? "0"),
    tls: url.protocol === "rediss:",
    shown,
  };
}

/** Null where a % stands for nothing. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
