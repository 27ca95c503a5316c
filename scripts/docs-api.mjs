// Writes docs/api.md: every export of lib/index.ts with its docstring and declaration, by room. `npm run docs:api` builds dist first;
// with --check it only says whether the page is current.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
export const apiPage = join(root, "docs", "api.md");

/** The rooms in the order in which a program needs them, the heading of each, and what to say of it. */
const rooms = {
  run: ["Commands as functions", "Each takes an options object and resolves with its result. Progress comes by `onEvent`, a stop by `signal`."],
  cluster: ["Job arrays", "Slurm and Kubernetes ([distributed.md](distributed.md))."],
  queue: ["The queue", "Callers and workers on a Redis ([distributed.md](distributed.md))."],
  serve: ["The local server", "The page with its data, and progress in the browser."],
  texts: ["Text sets", "Read, cut and sample texts."],
  models: ["Models", "Which models a list of paths, globs, folders and URIs means."],
  scoring: ["Scoring", "Settings that decide the numbers, and rows of scores."],
  store: ["The run folder", "Readers of its files ([formats.md](formats.md))."],
  matrix: ["Distances and statistics", "From log-likelihoods to KL divergences, and what is read off them ([method.md](method.md))."],
  map: ["Maps and trees", "Coordinates, clusters and the tree."],
  native: ["The native core", "Matrices and log-probabilities in C++, off the event loop."],
  errors: ["Errors", "The one error class. [troubleshooting.md](troubleshooting.md) explains each code."],
};

/** Text of a docstring, links to names as code. */
function plain(parts) {
  const text = typeof parts === "string" ? parts : ts.displayPartsToString(parts ?? []);
  return text.replaceAll(/\{@link ([^}|]+?)\s*(?:\|[^}]*)?\}/g, "`$1`").trim();
}

/** A declaration as a program sees it, without its own docstring; those of its members stay. */
function declarationText(node) {
  const statement = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  const source = statement.getSourceFile().text;
  return source.slice(statement.getStart(undefined, false), statement.getEnd()).replace(/^export (declare )?(default )?/, "").replaceAll("    ", "  ");
}

function entryOf(checker, exported) {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const declarations = symbol.getDeclarations() ?? [];
  const [first] = declarations;
  if (first === undefined) throw new Error(`${exported.name} has no declaration.`);
  const path = relative(dist, first.getSourceFile().fileName).split("\\").join("/");
  const room = path.includes("/") ? path.split("/")[0] : path.replace(/\.d\.ts$/, "");
  if (!(room in rooms)) throw new Error(`${exported.name} is declared in ${path}, a room that scripts/docs-api.mjs does not know. Add it there.`);
  const tags = symbol.getJsDocTags(checker);
  return {
    name: exported.name,
    room,
    isValue: (symbol.flags & ts.SymbolFlags.Value) !== 0,
    docstring: plain(symbol.getDocumentationComment(checker)) || choicesDocstring(checker, first),
    notes: tags.filter(({ name }) => ["param", "returns", "throws"].includes(name)).flatMap(notesOf),
    code: declarations.map((node) => expandedAlias(checker, node) ?? declarationText(node)).join("\n"),
  };
}

/** Of `type Choice = (typeof choices)[number]`: what is said of the choices. */
function choicesDocstring(checker, node) {
  if (!ts.isTypeAliasDeclaration(node) || !ts.isIndexedAccessTypeNode(node.type)) return "";
  const query = ts.isParenthesizedTypeNode(node.type.objectType) ? node.type.objectType.type : node.type.objectType;
  if (!ts.isTypeQueryNode(query)) return "";
  return plain(checker.getSymbolAtLocation(query.exprName)?.getDocumentationComment(checker));
}

/** Types that are derived from values (choices, zod schemas) as what they come to. */
function expandedAlias(checker, node) {
  if (!ts.isTypeAliasDeclaration(node) || !/typeof /.test(node.type.getText())) return undefined;
  const type = checker.typeToTypeNode(checker.getTypeAtLocation(node), undefined, ts.NodeBuilderFlags.NoTruncation | ts.NodeBuilderFlags.InTypeAlias | ts.NodeBuilderFlags.MultilineObjectLiterals);
  const text = ts.createPrinter().printNode(ts.EmitHint.Unspecified, type, node.getSourceFile());
  return `type ${node.name.text} = ${text.replaceAll("    ", "  ")};`;
}

/** A tag as lines of a list; what a docstring says of errors stands behind its last parameter. */
function notesOf({ name, text }) {
  const parts = text ?? [];
  const parameter = parts.find(({ kind }) => kind === "parameterName")?.text;
  const words = plain(parts.filter(({ kind }) => kind !== "parameterName")).replaceAll(/\s*\n\s*/g, " ").replace(/^- /, "");
  const [, about, errors] = /^(.*?)\s*(?:(Errors: .*|Rejects with .*))?$/.exec(words);
  return [name === "param" ? `\`${parameter}\`: ${about}` : `${name}: ${about}`, ...(errors === undefined ? [] : [errors])];
}

/** All exports, values first and then by name, in each room. */
export function apiEntries() {
  const entry = join(dist, "index.d.ts");
  const program = ts.createProgram([entry], { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2023, types: ["node"], skipLibCheck: true });
  const source = program.getSourceFile(entry);
  if (source === undefined) throw new Error("dist/index.d.ts is missing. Run npm run build:ts.");
  const checker = program.getTypeChecker();
  const entries = checker.getExportsOfModule(checker.getSymbolAtLocation(source)).map((exported) => entryOf(checker, exported));
  return entries.sort((a, b) => Number(b.isValue) - Number(a.isValue) || a.name.localeCompare(b.name, "en"));
}

/** GitHub's anchors: repeated ones are numbered. */
function anchorsOf(headings) {
  const seen = new Map();
  return headings.map((heading) => {
    const slug = heading.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}

/** The page, as it should be. */
export function apiReference(entries = apiEntries()) {
  const sections = Object.entries(rooms).map(([room, [title, about]]) => ({ title, about, own: entries.filter((entry) => entry.room === room) }));
  const anchors = anchorsOf(["API", ...sections.flatMap(({ title, own }) => [title, ...own.map(({ name }) => name)])]).values();
  anchors.next();
  const contents = sections.map(({ title, own }) => {
    const section = `- [${title}](#${anchors.next().value})`;
    const links = own.map(({ name, isValue }) => ({ link: `[${name}](#${anchors.next().value})`, isValue })).filter(({ isValue }) => isValue);
    return links.length === 0 ? section : `${section}: ${links.map(({ link }) => link).join(", ")}`;
  });
  const body = sections.map(({ title, about, own }) => [`## ${title}`, about, ...own.map(entryText)].join("\n\n"));
  return `# API

What \`import { … } from "llmap-native"\` gives, by room ([architecture.md](architecture.md)). \`npm run docs:api\` writes this page from the
docstrings of \`lib/\`: change those. A first program is in the [README](../README.md#from-node).

${contents.join("\n")}

${body.join("\n\n")}
`;
}

function entryText({ name, docstring, notes, code }) {
  const list = notes.map((note) => `- ${note}`).join("\n");
  return [`### ${name}`, docstring, list, `\`\`\`ts\n${code}\n\`\`\``].filter((part) => part !== "").join("\n\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const entries = apiEntries();
  const bare = entries.filter(({ docstring }) => docstring === "").map(({ name }) => name);
  if (bare.length > 0) {
    console.error(`Without a docstring: ${bare.join(", ")}.`);
    process.exitCode = 1;
  }
  const page = apiReference(entries);
  if (!process.argv.includes("--check")) writeFileSync(apiPage, page);
  else if (readFileSync(apiPage, "utf8") !== page) {
    console.error("docs/api.md is not current. Run npm run docs:api.");
    process.exitCode = 1;
  }
}
