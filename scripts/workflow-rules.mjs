/** What this project asks of a workflow beyond what actionlint checks. Used by scripts/lint-workflows.mjs. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isMap, isScalar, parseDocument, visit } from "yaml";

/** Permissions that a job may have, besides reading the repository: the one that publishes proves to npm who it is. */
const permitted = { contents: ["read"], "id-token": ["write"] };
const publishingFile = "release.yml";

/**
 * @param name file name of the workflow
 * @param text its YAML
 * @param root the clone, where scripts that it runs are looked up
 * @param npmScripts names of the scripts in package.json
 * @returns the rules that it breaks, one sentence each with its place
 */
export function brokenRules(name, text, root, npmScripts) {
  const document = parseDocument(text);
  const broken = document.errors.map((error) => error.message);
  const workflow = document.toJS() ?? {};

  const triggers = typeof workflow.on === "object" ? Object.keys(workflow.on ?? {}) : [workflow.on];
  for (const trigger of ["pull_request_target", "workflow_run", "issue_comment"]) {
    if (triggers.includes(trigger)) broken.push(`${trigger} runs with the rights of the repository on what strangers send; use pull_request.`);
  }
  if (!workflow.permissions || Object.keys(workflow.permissions).length > 0) broken.push("The top-level permissions must be {}, so that each job names its own.");
  if (!workflow.concurrency?.group) broken.push("A concurrency group is missing.");
  else if (workflow.concurrency.group.includes("github.workflow")) broken.push("The concurrency group names github.workflow, on which called and calling workflow wait for each other.");
  if (/\$\{\{[^}]*\bsecrets\b/.test(text) || /^\s*secrets:/m.test(text)) broken.push("A secret is used; publishing needs none (trusted publishing).");

  for (const [id, job] of Object.entries(workflow.jobs ?? {})) broken.push(...brokenByJob(name, id, job, root, npmScripts));
  broken.push(...brokenPins(document));
  return broken;
}

function brokenByJob(file, id, job, root, npmScripts) {
  const broken = [];
  if (job.permissions === undefined) broken.push(`Job ${id}: permissions are missing.`);
  for (const [scope, access] of Object.entries(job.permissions ?? {})) {
    if (!permitted[scope]?.includes(access)) broken.push(`Job ${id}: the permission ${scope}: ${access} is more than a job needs here.`);
    if (scope === "id-token" && (file !== publishingFile || !job.environment)) {
      broken.push(`Job ${id}: id-token is for the job of ${publishingFile} that publishes, in an environment that asks for approval.`);
    }
  }
  if (job.uses === undefined && !(job["timeout-minutes"] > 0)) broken.push(`Job ${id}: timeout-minutes is missing.`);
  for (const step of job.steps ?? []) {
    if (step.uses?.startsWith("actions/checkout@") && step.with?.["persist-credentials"] !== false) {
      broken.push(`Job ${id}: actions/checkout leaves its token behind without persist-credentials: false.`);
    }
    if (step.run !== undefined) broken.push(...brokenByCommand(step.run, root, npmScripts).map((rule) => `Job ${id}: ${rule}`));
  }
  return broken;
}

function brokenByCommand(command, root, npmScripts) {
  const broken = [];
  if (command.includes("${{")) broken.push(`"${command}" has an expression in it; hand it over in env.`);
  if (command.trim().includes("\n")) broken.push(`"${command.split("\n")[0]} ..." has several lines; make it a script that runs on a developer's machine, too.`);
  for (const [path] of command.matchAll(/\bscripts\/[\w./-]+/g)) {
    if (!existsSync(join(root, path))) broken.push(`${path} does not exist.`);
  }
  for (const [, script] of command.matchAll(/\bnpm run ([\w:-]+)/g)) {
    if (!npmScripts.includes(script)) broken.push(`package.json has no script ${script}.`);
  }
  return broken;
}

/** Actions are pinned by commit, with the version behind it for the reader and for Dependabot; images by digest. */
function brokenPins(document) {
  const broken = [];
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key)) return;
      const image = isMap(value) ? value.get("image") : isScalar(value) ? value.value : null;
      if (key.value === "uses" && isScalar(value) && !String(value.value).startsWith("./")) {
        if (!/^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/.test(value.value)) broken.push(`${value.value} is not pinned by a commit of 40 hexadecimal digits.`);
        else if (!/^ v\d+\.\d+\.\d+$/.test(value.comment ?? "")) broken.push(`${value.value} lacks its version as a comment, such as # v1.2.3.`);
      }
      if (key.value === "container" && typeof image === "string" && !image.startsWith("${{") && !/@sha256:[0-9a-f]{64}$/.test(image)) {
        broken.push(`The image ${image} is not pinned by its digest.`);
      }
    },
  });
  return broken;
}
