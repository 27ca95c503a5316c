import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../lib/package-root.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

const checkout = `actions/checkout@${"0123456789".repeat(4)}`;
const good = `name: Good
on: push
permissions: {}
concurrency:
  group: good-\${{ github.ref }}
jobs:
  build:
    runs-on: ubuntu-24.04
    container: node@sha256:${"ab".repeat(32)}
    timeout-minutes: 5
    permissions:
      contents: read
    steps:
      - uses: ${checkout} # v1.2.3
        with:
          persist-credentials: false
      - run: npm run lint
`;

/** What is wrong, the place of good that is changed, what stands there instead, and what is said of it. */
const bad = [
  ["an action by its tag", `${checkout} # v1.2.3`, "actions/checkout@v6", "actions/checkout@v6 is not pinned"],
  ["a commit without its version", " # v1.2.3", "", "lacks its version as a comment"],
  ["an image by its tag", `node@sha256:${"ab".repeat(32)}`, "node:24", "The image node:24 is not pinned"],
  ["no time limit", "    timeout-minutes: 5\n", "", "Job build: timeout-minutes is missing"],
  ["permissions for all jobs", "permissions: {}", "permissions:\n  contents: read", "The top-level permissions must be {}"],
  ["a job without permissions", "    permissions:\n      contents: read\n", "", "Job build: permissions are missing"],
  ["a job that may write", "contents: read", "contents: write", "the permission contents: write is more"],
  ["a token of identity elsewhere than in the release", "contents: read", "id-token: write", "id-token is for the job of release.yml"],
  ["no concurrency group", "concurrency:\n  group: good-${{ github.ref }}\n", "", "A concurrency group is missing"],
  ["a token left behind", "persist-credentials: false", "fetch-depth: 1", "actions/checkout leaves its token behind"],
  ["an expression in a command", "npm run lint", "echo ${{ github.ref_name }}", "has an expression in it"],
  ["several lines of commands", "run: npm run lint", "run: |\n          npm run lint\n          npm test", "has several lines"],
  ["a script that is not there", "npm run lint", "node scripts/no-such.mjs", "scripts/no-such.mjs does not exist"],
  ["an npm script that is not there", "npm run lint", "npm run no-such", "package.json has no script no-such"],
  ["a secret", "run: npm run lint", "run: npm run lint\n        env:\n          TOKEN: ${{ secrets.NPM_TOKEN }}", "A secret is used"],
  ["rights on what strangers send", "on: push", "on: pull_request_target", "pull_request_target runs with the rights"],
  // These two are actionlint's.
  ["an unknown runner", "ubuntu-24.04", "ubuntu-1.0", 'label "ubuntu-1.0" is unknown'],
  ["an unknown context", "github.ref", "github.reff", 'property "reff" is not defined'],
] as const;

describe("scripts/lint-workflows.mjs", () => {
  it("names what breaks each rule, and nothing in a workflow that keeps them", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "good.yml"), good);
    for (const [i, [, from, to]] of bad.entries()) {
      expect(good).toContain(from);
      writeFileSync(join(folder, `bad-${i}.yml`), good.replace(from, to));
    }
    const { status, stderr } = spawnSync(process.execPath, [join(packageRoot, "scripts", "lint-workflows.mjs"), folder], { encoding: "utf8" });
    expect(stderr).not.toContain("good.yml");
    for (const [i, [what, , , message]] of bad.entries()) {
      const said = stderr.split("\n").filter((line) => line.startsWith(`bad-${i}.yml: `));
      expect.soft(said.join("\n"), what).toContain(message);
    }
    expect(status).toBe(1);
  });
});
