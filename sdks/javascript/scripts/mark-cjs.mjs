// The package is ESM; its CommonJS build says so itself, to Node and to TypeScript.
import { writeFileSync } from "node:fs";

writeFileSync(new URL("../dist/cjs/package.json", import.meta.url), '{"type":"commonjs"}\n');
