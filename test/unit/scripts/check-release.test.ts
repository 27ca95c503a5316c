import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot, packageVersion } from "../../../lib/package-root.js";

it("scripts/check-release.mjs refuses a tag of another version, and a repository that package.json does not name", () => {
  const { status, stderr } = spawnSync(process.execPath, [join(packageRoot, "scripts", "check-release.mjs"), "--tag", "v999.0.0"], {
    encoding: "utf8",
    env: { ...process.env, GITHUB_REPOSITORY: "nobody/nothing" },
  });
  expect(stderr).toContain(`The tag is v999.0.0, but package.json has version ${packageVersion}; its tag is v${packageVersion}.`);
  expect(stderr).toMatch(/names (no|the) repository/);
  expect(status).toBe(1);
});
