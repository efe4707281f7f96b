// Copies what quizapp ships from other projects into place and writes down what it copied.
//
//   cd .ci/vendor && npm ci --ignore-scripts && node vendor.mjs
//
// Nothing here runs when quizapp is installed or used: the copies are committed.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const vendored = "quizapp/web/static/vendor";

const katexFonts = readdirSync(join(here, "node_modules/katex/dist/fonts"))
  .filter((name) => name.endsWith(".woff2"))
  .sort();

/** Each package with its files: from (inside the package), to (inside the project), edit (optional). */
const packages = [
  {
    name: "@fontsource-variable/atkinson-hyperlegible-next",
    files: [
      ["LICENSE", `${vendored}/atkinson-hyperlegible-next/LICENSE`],
      ...["normal", "italic"].map((style) => [
        `files/atkinson-hyperlegible-next-latin-wght-${style}.woff2`,
        `${vendored}/atkinson-hyperlegible-next/latin-${style}.woff2`,
      ]),
    ],
  },
  {
    name: "@fontsource-variable/atkinson-hyperlegible-mono",
    files: [
      ["LICENSE", `${vendored}/atkinson-hyperlegible-mono/LICENSE`],
      [
        "files/atkinson-hyperlegible-mono-latin-wght-normal.woff2",
        `${vendored}/atkinson-hyperlegible-mono/latin-normal.woff2`,
      ],
    ],
  },
  {
    name: "katex",
    files: [
      ["LICENSE", `${vendored}/katex/LICENSE`],
      ["dist/katex.min.js", `${vendored}/katex/katex.min.js`],
      ["dist/katex.min.css", `${vendored}/katex/katex.min.css`, onlyWoff2],
      ...katexFonts.map((name) => [`dist/fonts/${name}`, `${vendored}/katex/fonts/${name}`]),
    ],
  },
  {
    name: "axe-core",
    files: [
      ["LICENSE", "tests/browser/axe.LICENSE.txt"],
      ["axe.min.js", "tests/browser/axe.min.js"],
    ],
  },
];

/** Every browser we support reads woff2, so the older forms are neither shipped nor named. */
function onlyWoff2(bytes) {
  const css = bytes
    .toString("utf8")
    .replace(/,url\([^)]*\.(?:woff|ttf)\) ?format\("(?:woff|truetype)"\)/g, "");
  const named = [...css.matchAll(/url\(fonts\/([^)]*)\)/g)].map((match) => match[1]);
  const missing = named.filter((name) => !katexFonts.includes(name));
  if (missing.length || /\.(?:woff|ttf)\)/.test(css)) {
    throw new Error(`katex.min.css names files that are not shipped: ${missing}`);
  }
  return Buffer.from(css);
}

function copy(name, [from, to, edit]) {
  const bytes = readFileSync(join(here, "node_modules", name, from));
  const kept = edit ? edit(bytes) : bytes;
  mkdirSync(dirname(join(root, to)), { recursive: true });
  writeFileSync(join(root, to), kept);
  return { path: to, sha256: createHash("sha256").update(kept).digest("hex") };
}

rmSync(join(root, vendored), { recursive: true, force: true });
const manifest = packages.map(({ name, files }) => {
  const about = JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8"));
  return {
    package: name,
    version: about.version,
    licence: about.license,
    files: files.map((file) => copy(name, file)),
  };
});
writeFileSync(join(root, vendored, "MANIFEST.json"), `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`${manifest.flatMap((entry) => entry.files).length} files of ${manifest.length} packages`);
