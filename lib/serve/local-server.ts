/** A server for one person's browser: on loopback unless told otherwise, a secret in the link, GET only, and no path of a request touches the disk. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { hostname } from "node:os";
import { isIP, type AddressInfo } from "node:net";
import { LlmapError, messageOf } from "../errors.js";
import { requireWholeNumber } from "../option-checks.js";
import { defaultHost, isLoopback } from "./loopback.js";

export interface Content {
  type: string;
  body: string | Uint8Array;
  /** Content security policy of a page; by default nothing may load or run. */
  policy?: string;
}

/** Server-sent events, for as long as the reader listens. */
export interface EventStream {
  /** Sends what there is and what comes; returns what ends it. */
  follow: (send: (event: string, data: unknown) => void) => () => void;
}

/**
 * What there is at a path, from behind the token's slash ("" is the page), or null. Paths are names to compare with, never parts of a file's path.
 * An {@link LlmapError} of code ERR_USAGE is the request's fault, any other one the folder's.
 */
export type Site = (path: string, query: URLSearchParams) => Promise<Content | EventStream | null>;

/** Where a page is served. */
export interface ServeOptions {
  /** Address to listen on; default 127.0.0.1. */
  host?: string;
  /** Default: a free one. */
  port?: number | null;
}

/** A page that is being served. */
export interface LocalServer {
  /** With the token: whoever has it can read what is served. */
  url: string;
  /** Ends open connections. */
  close: () => Promise<void>;
}

/** Errors: ERR_USAGE where it cannot listen there. */
export async function startServer(site: Site, { host = defaultHost, port = null }: ServeOptions = {}): Promise<LocalServer> {
  requireWholeNumber("port (--port)", port, 0, 65_535);
  const token = randomBytes(24).toString("base64url");
  const server = createServer((request, response) => void answer(request, response, { site, token, host }));
  await new Promise<void>((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException): void => reject(cannotListen(error, host, port));
    server.once("error", refused).listen(port ?? 0, host, () => {
      server.off("error", refused);
      resolve();
    });
  });
  const { port: chosen } = server.address() as AddressInfo;
  return {
    url: `http://${hostInUrl(host)}:${chosen}/${token}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number | null): LlmapError {
  const next = error.code === "EADDRINUSE" ? "Another program uses that port: choose another with --port, or leave it out for a free one." : "Choose others with --host and --port.";
  return new LlmapError("ERR_USAGE", `Cannot listen on ${host}, port ${port ?? 0}: ${error.message}. ${next}`, { cause: error });
}

/** An address that stands for all of this machine's is no address to go to. */
function hostInUrl(host: string): string {
  if (host === "0.0.0.0" || host === "::") return hostname();
  return isIP(host) === 6 ? `[${host}]` : host;
}

interface Served {
  site: Site;
  token: string;
  host: string;
}

async function answer(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
  try {
    const { path, query } = admitted(request, served);
    const found = await served.site(path, query);
    if (found === null) throw new Refusal(404, "Not found.");
    if ("follow" in found) {
      stream(response, found);
      return;
    }
    response.writeHead(200, { ...headers(found.policy), "Content-Type": found.type, "Content-Length": Buffer.byteLength(found.body) });
    response.end(found.body);
  } catch (error) {
    const status = error instanceof Refusal ? error.status : error instanceof LlmapError && error.code === "ERR_USAGE" ? 400 : 500;
    response.writeHead(status, { ...headers(), ...(status === 405 ? { Allow: "GET" } : {}), "Content-Type": "text/plain; charset=utf-8", Connection: "close" });
    response.end(`${messageOf(error)}\n`);
  }
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** What is asked for behind the token; throws a {@link Refusal}. */
function admitted({ headers: given, method, url = "" }: IncomingMessage, { token, host }: Served): { path: string; query: URLSearchParams } {
  if (!isOwnHost(given.host ?? "", host)) throw new Refusal(421, "This server does not answer to that name.");
  if (method !== "GET") throw new Refusal(405, "Only GET.");
  const { path, query } = targetOf(url);
  const [, first = "", rest] = /^\/([^/]*)(?:\/(.*))?$/s.exec(path) ?? [];
  if (rest === undefined || !isSame(first, token)) throw new Refusal(404, "Not found. Open the whole link that llmap-native printed.");
  return { path: rest, query };
}

/** By hand, because URL would take a path of two slashes for a host, and resolve dots. */
function targetOf(target: string): { path: string; query: URLSearchParams } {
  const at = target.indexOf("?");
  return at === -1 ? { path: target, query: new URLSearchParams() } : { path: target.slice(0, at), query: new URLSearchParams(target.slice(at + 1)) };
}

/** A page of another site that has its own name point here (DNS rebinding) comes with that name; addresses cannot be pointed elsewhere. */
function isOwnHost(header: string, host: string): boolean {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::\d+)?$/i.exec(header) ?? [];
  const name = (bracketed ?? plain ?? "").toLowerCase();
  if (isLoopback(host)) return isLoopback(name);
  return isIP(name) !== 0 || [host, hostname(), "localhost"].some((own) => own.toLowerCase() === name);
}

/** In a time that does not tell how much of it is right. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function headers(policy = "default-src 'none'; frame-ancestors 'none'"): Record<string, string> {
  return {
    "Content-Security-Policy": policy,
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
  };
}

/** Bytes. */
const mostUnread = 2 ** 20;

function stream(response: ServerResponse, { follow }: EventStream): void {
  response.writeHead(200, { ...headers(), "Content-Type": "text/event-stream" });
  const end = follow((event, data) => {
    // JSON has no line breaks, so one event is one line of data.
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    // A reader that sleeps; it connects anew when it wakes.
    if (response.writableLength > mostUnread) response.destroy();
  });
  response.on("close", end);
}
