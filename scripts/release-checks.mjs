/** What must be true of a release before anything of it is published. Used by check-release.mjs and publish.mjs. */

/** Shown as one line each on stderr, without a stack. */
export class ReleaseFailure extends Error {}

/**
 * @param manifests package.json of every package that is to be published, by file name
 * @param main name of the main package
 * @returns the file names in the order of publishing: the platforms' packages first, since the main one asks for them
 * @throws ReleaseFailure where one is missing, of another version, or not asked for
 */
export function publishingOrder(manifests, main) {
  const files = [...manifests.keys()].sort();
  const fileOf = (name) => {
    const found = files.filter((file) => manifests.get(file).name === name);
    if (found.length === 0) throw new ReleaseFailure(`The package ${name} is missing among ${files.length} packages (${files.join(", ")}).`);
    if (found.length > 1) throw new ReleaseFailure(`The package ${name} is there more than once: ${found.join(", ")}.`);
    return found[0];
  };
  const mainFile = fileOf(main);
  const { version, optionalDependencies = {} } = manifests.get(mainFile);
  const platforms = Object.keys(optionalDependencies).filter((name) => name.startsWith(`@${main}/`));
  if (platforms.length === 0) throw new ReleaseFailure(`${main} ${version} asks for no platform's package (optionalDependencies).`);
  const order = [];
  for (const name of platforms) {
    const file = fileOf(name);
    const found = manifests.get(file).version;
    if (found !== version) throw new ReleaseFailure(`${name} has version ${found}, but ${main} has ${version}.`);
    if (optionalDependencies[name] !== version) throw new ReleaseFailure(`${main} ${version} asks for ${name} ${optionalDependencies[name]}, not for exactly ${version}.`);
    order.push(file);
  }
  const others = files.filter((file) => file !== mainFile && !order.includes(file));
  if (others.length > 0) throw new ReleaseFailure(`${main} ${version} does not ask for ${others.map((file) => manifests.get(file).name).join(", ")} (${others.join(", ")}).`);
  return [...order, mainFile];
}

/**
 * npm accepts provenance only from the repository that package.json names.
 * @param manifest a package.json
 * @param repository owner/name on GitHub, or undefined outside of a workflow
 * @throws ReleaseFailure
 */
export function checkRepository(manifest, repository) {
  const named = typeof manifest.repository === "string" ? manifest.repository : manifest.repository?.url;
  const wanted = repository === undefined ? "https://github.com/OWNER/NAME" : `https://github.com/${repository}`;
  if (named === undefined) {
    throw new ReleaseFailure(`package.json of ${manifest.name} names no repository, so npm would refuse its provenance. Add "repository": { "type": "git", "url": "git+${wanted}.git" }.`);
  }
  if (repository !== undefined && !named.replace(/^git\+|\.git$/g, "").endsWith(`github.com/${repository}`)) {
    throw new ReleaseFailure(`package.json of ${manifest.name} names the repository ${named}, but this is ${wanted}.`);
  }
}

/**
 * @param manifest package.json of the clone
 * @param lock its package-lock.json
 * @param changelog text of CHANGELOG.md
 * @param tag such as v1.2.3
 * @throws ReleaseFailure where they do not tell of the same version
 */
export function checkVersion(manifest, lock, changelog, tag) {
  const { version } = manifest;
  if (tag !== `v${version}`) throw new ReleaseFailure(`The tag is ${tag}, but package.json has version ${version}; its tag is v${version}.`);
  if (lock.version !== version || lock.packages[""].version !== version) {
    throw new ReleaseFailure(`package-lock.json has version ${lock.version}, but package.json has ${version}. Run: npm version --no-git-tag-version --allow-same-version ${version}`);
  }
  const heading = changelog.split("\n").find((line) => line.startsWith("## "));
  if (!new RegExp(`^## ${version.replaceAll(".", "\\.")} \\(\\d{4}-\\d{2}-\\d{2}\\)$`).test(heading ?? "")) {
    throw new ReleaseFailure(`CHANGELOG.md begins with "${heading ?? "no heading"}"; for this release it must be "## ${version} (YYYY-MM-DD)".`);
  }
}
