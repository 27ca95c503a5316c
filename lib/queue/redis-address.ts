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
  const shown = `${url.protocol}//${url.host}${url.pathname === "/" ? "" : url.pathname}`;
  if ((url.protocol !== "redis:" && url.protocol !== "rediss:") || url.hostname === "") throw new LlmapError("ERR_USAGE", `${expected}, but received ${shown}.`);
  const [, db = "0"] = /^\/?(\d{1,5})?$/.exec(url.pathname) ?? [];
  if (!/^\/?(\d{1,5})?$/.test(url.pathname) || url.search !== "" || url.hash !== "") throw new LlmapError("ERR_USAGE", `${expected}, with nothing behind it but /database; received ${shown}.`);
  const secret = url.password === "" ? environment[passwordVariable] : decodeURIComponent(url.password);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? defaultPort : Number(url.port),
    username: url.username === "" ? undefined : decodeURIComponent(url.username),
    password: secret === "" ? undefined : secret,
    db: Number(db),
    tls: url.protocol === "rediss:",
    shown,
  };
}
