import { hostname } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { startServer, type ServeOptions } from "../../../lib/serve/local-server.js";
import { isLoopback } from "../../../lib/serve/loopback.js";
import { rawRequest } from "../../helpers/raw-request.js";

/** A server that has one page, and keeps what it was asked for. */
async function serve(options: ServeOptions = {}) {
  const asked: string[] = [];
  const server = await startServer((path, query) => {
    asked.push(path);
    if (path === "fails") throw new Error("a fault of the folder");
    return Promise.resolve(path === "" ? { type: "text/plain", body: `page ${query.get("n") ?? ""}` } : null);
  }, options);
  onTestFinished(() => server.close());
  const { pathname, port } = new URL(server.url);
  return { ...server, token: pathname, port, asked };
}

test("the whole link is answered; without its token there is nothing, whatever the path", async () => {
  const { url, token, asked } = await serve();
  expect(new URL(url).hostname).toBe("127.0.0.1");
  expect(token).toMatch(/^\/[\w-]{32}\/$/);
  expect((await rawRequest(url, `${token}?n=3`)).body.toString()).toBe("page 3");
  const wrong = `${token.slice(0, -2)}${token.at(-2) === "A" ? "B" : "A"}/`;
  for (const path of ["/", "", "//", wrong, token.slice(0, -1), token.slice(0, -3), `/x${token}`, token.toUpperCase(), "/report.html", `http://127.0.0.1${token}`]) {
    expect([path, (await rawRequest(url, path)).status]).toEqual([path, 404]);
  }
  expect(asked).toEqual([""]);
});

test("two servers have two tokens, on two ports", async () => {
  const [one, other] = [await serve(), await serve()];
  expect(one.token).not.toBe(other.token);
  expect(one.port).not.toBe(other.port);
});

test.each(["POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"])("%s is refused", async (method) => {
  const { url, token, asked } = await serve();
  const { status, headers } = await rawRequest(url, token, { method });
  expect(status).toBe(405);
  expect(headers["allow"]).toBe("GET");
  expect(asked).toEqual([]);
});

test("a name that somebody else can point here is refused (DNS rebinding)", async () => {
  const { url, token, port } = await serve();
  const statusFor = async (host: string): Promise<number> => (await rawRequest(url, token, { headers: { Host: host } })).status;
  for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example", "localhost.evil.example", "192.168.1.5", "[", "127.0.0.1:80:80"]) {
    expect([host, await statusFor(host)]).toEqual([host, 421]);
  }
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "LOCALHOST", `[::1]:${port}`]) expect(await statusFor(host)).toBe(200);
});

test("on all addresses, addresses and this machine's name are answered, other names are not", async () => {
  const { url, token, port } = await serve({ host: "0.0.0.0" });
  expect(new URL(url).hostname).toBe(hostname().toLowerCase());
  const local = `http://127.0.0.1:${port}`;
  const statusFor = async (host: string): Promise<number> => (await rawRequest(local, token, { headers: { Host: host } })).status;
  expect(await statusFor("192.168.1.5:8080")).toBe(200);
  expect(await statusFor(hostname())).toBe(200);
  expect(await statusFor("evil.example")).toBe(421);
});

test("every answer forbids to keep it, to guess its type, to tell where from, and to load anything", async () => {
  const { url, token } = await serve();
  for (const path of [token, `${token}nothing`, "/", `${token}fails`]) {
    const { headers } = await rawRequest(url, path);
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    });
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  }
});

test("a fault is told in plain text, and the server goes on", async () => {
  const { url, token } = await serve();
  const { status, headers, body } = await rawRequest(url, `${token}fails`);
  expect([status, headers["content-type"], body.toString()]).toEqual([500, "text/plain; charset=utf-8", "a fault of the folder\n"]);
  expect((await rawRequest(url, token)).status).toBe(200);
});

test("a port in use, a port that is none and an address that is not here are named", async () => {
  const { port } = await serve();
  await expect(serve({ port: Number(port) })).rejects.toMatchObject({ code: "ERR_USAGE", message: expect.stringContaining("Another program uses that port") as string });
  await expect(serve({ port: 70_000 })).rejects.toMatchObject({ code: "ERR_USAGE" });
  await expect(serve({ host: "203.0.113.1" })).rejects.toMatchObject({ code: "ERR_USAGE" });
});

test("loopback is what only this machine reaches", () => {
  for (const host of ["127.0.0.1", "127.8.9.1", "::1", "localhost"]) expect(isLoopback(host)).toBe(true);
  for (const host of ["0.0.0.0", "::", "192.168.1.5", "127.evil.example", "localhost.evil.example"]) expect(isLoopback(host)).toBe(false);
});
