// Judge the published contract with the AsyncAPI project's own parser: node .ci/asyncapi.mjs FILE
// Prints every diagnostic; exits 1 on an error, 0 with warnings. Examples are not judged here but in tests/unit/contract.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const LEVELS = ["error", "warning", "info", "hint"];
const [file] = process.argv.slice(2);
if (!file) {
  console.error("usage: node .ci/asyncapi.mjs FILE");
  process.exit(2);
}

const { document, diagnostics } = await new Parser().parse(await readFile(file, "utf8"), { source: file });
for (const found of diagnostics) {
  const line = found.range.start.line + 1;
  console.log(`${file}:${line}: ${LEVELS[found.severity]}: ${found.message} (${found.code}, at ${found.path.join(".")})`);
}
const errors = diagnostics.filter((found) => found.severity === 0).length;
if (errors || !document) {
  console.error(`${file}: ${errors} error(s): not a valid AsyncAPI document`);
  process.exit(1);
}
const messages = document.allMessages().all();
if (messages.length === 0) {
  console.error(`${file}: no message in it`);
  process.exit(1);
}
console.log(`${file}: valid AsyncAPI ${document.version()}, ${document.channels().all().length} channels, ${messages.length} messages`);
