/**
 * A package registry on the loopback that has the packed packages, so that they are installed as users install them; everything else it
 * answers with the address at the real registry. Used by install-test.mjs.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { basename, join } from "node:path";
import { platformManifest } from "./platform-package.mjs";
import { packageName, platforms } from "./platforms.mjs";

/** The package.json inside a tarball. */
export function packedManifest(tarball) {
  return JSON.parse(execFileSync("tar", ["-xzOf", tarball, "package/package.json"], { encoding: "utf8" }));
}

/** The tarballs in a folder with their manifests. */
export function packedPackages(folder) {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".tgz"))
    .map((file) => ({ tarball: join(folder, file), manifest: packedManifest(join(folder, file)) }));
}

/**
 * Starts it on a free port.
 * @param folder with the tarballs that `pack:all` made
 * @param upstream address of the real registry
 * @returns {Promise<{address: string, close: () => void}>}
 */
export async function startRegistry(folder, upstream) {
  const packages = packedPackages(folder);
  const main = packages.find(({ manifest }) => manifest.optionalDependencies !== undefined);
  if (main === undefined) throw new Error(`${folder} has no main package; pack it with: npm run pack:all -- --out ${folder}`);
  // Packages of platforms that were not packed: package managers read which platform they are for, and leave them out.
  for (const platform of platforms) {
    const manifest = platformManifest(main.manifest, platform, null);
    if (!packages.some(({ manifest: { name } }) => name === manifest.name)) packages.push({ tarball: null, manifest });
  }

  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    const file = packages.find(({ tarball }) => tarball !== null && path === `/-/${basename(tarball)}`);
    if (file !== undefined) {
      response.writeHead(200, { "content-type": "application/octet-stream" });
      createReadStream(file.tarball).pipe(response);
      return;
    }
    const found = packages.find(({ manifest }) => path === `/${manifest.name}`);
    if (found !== undefined) {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(packument(found, `http://${request.headers.host}`)));
      return;
    }
    if (path.startsWith(`/${packageName("")}`)) response.writeHead(404).end("{}");
    else response.writeHead(307, { location: new URL(request.url.slice(1), upstream).href }).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close().closeAllConnections() };
}

function packument({ tarball, manifest }, address) {
  const { name, version } = manifest;
  const bytes = tarball === null ? Buffer.alloc(0) : readFileSync(tarball);
  const hash = (algorithm, encoding) => createHash(algorithm).update(bytes).digest(encoding);
  const dist = {
    tarball: `${address}/-/${tarball === null ? "not-packed.tgz" : basename(tarball)}`,
    integrity: `sha512-${hash("sha512", "base64")}`,
    shasum: hash("sha1", "hex"),
  };
  // Published a month ago: package managers may hold back what is new.
  const published = new Date(Date.now() - 30 * 86_400_000).toISOString();
  return { name, "dist-tags": { latest: version }, time: { created: published, modified: published, [version]: published }, versions: { [version]: { ...manifest, dist } } };
}
