// Bundles the page (src/main.tsx, src/*.css, src/index.html, src/icon.svg) and writes it as C++:
//   node build.mjs FOLDER     FOLDER holds node_modules and src; page_assets.cc is written there
// Names carry a hash of the content, so that browsers may keep what they have for ever.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const folder = process.argv[2];
const { build } = createRequire(join(folder, "package.json"))("esbuild");

const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 12);

async function bundle(entry) {
  const done = await build({
    entryPoints: [join(folder, "src", entry)],
    bundle: true,
    minify: true,
    write: false,
    preserveSymlinks: true,
    format: "esm",
    target: ["es2021", "chrome100", "firefox100", "safari15"],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "inline",
    logLevel: "warning",
    loader: { ".svg": "text" },
  });
  return Buffer.from(done.outputFiles[0].contents);
}

// Octal escapes: three digits always, so that what follows is never taken for one of them.
function literal(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 100) {
    let line = "";
    for (const byte of bytes.subarray(at, at + 100)) {
      const plain = byte >= 32 && byte < 127 && byte !== 34 && byte !== 92 && byte !== 63;
      line += plain ? String.fromCharCode(byte) : "\\" + byte.toString(8).padStart(3, "0");
    }
    lines.push(`    "${line}"`);
  }
  return lines.length > 0 ? lines.join("\n") : '    ""';
}

const assets = [];
function add(path, type, bytes, immutable) {
  const packed = gzipSync(bytes, { level: 9 });
  packed[9] = 255; // the same bytes on every system
  assets.push({ path, type, bytes, immutable, gzip: packed.length < bytes.length ? packed : null });
  return path;
}
const named = (stem, extension, type, bytes) =>
  add(`/web/${stem}-${hashOf(bytes)}.${extension}`, type, bytes, true);

const utf8 = "; charset=utf-8";
const script = named("page", "js", "text/javascript" + utf8, await bundle("main.tsx"));
const style = named("page", "css", "text/css" + utf8, await bundle("main.css"));
const icon = named("icon", "svg", "image/svg+xml", readFileSync(join(folder, "src/icon.svg")));
const html = readFileSync(join(folder, "src/index.html"), "utf8")
  .replace("{{script}}", script).replace("{{style}}", style).replace("{{icon}}", icon);
add("/", "text/html" + utf8, Buffer.from(html), false);

let code = '#include <array>\n\n#include "web/assets.h"\n\nnamespace quell::web {\nnamespace {\n\n';
assets.forEach((asset, i) => {
  code += `constexpr char kBytes${i}[] =\n${literal(asset.bytes)};\n`;
  if (asset.gzip) code += `constexpr char kGzip${i}[] =\n${literal(asset.gzip)};\n`;
});
code += `\nconstexpr std::array<Asset, ${assets.length}> kAssets = {{\n`;
assets.forEach((asset, i) => {
  const packed = asset.gzip ? `{kGzip${i}, sizeof kGzip${i} - 1}` : "{}";
  code += `    {"${asset.path}", "${asset.type}", "\\"${hashOf(asset.bytes)}\\"", ${asset.immutable},\n` +
    `     {kBytes${i}, sizeof kBytes${i} - 1}, ${packed}},\n`;
});
code += "}};\n\n}  // namespace\n\nstd::span<const Asset> Assets() { return kAssets; }\n\n" +
  "}  // namespace quell::web\n";
writeFileSync(join(folder, "page_assets.cc"), code);
for (const asset of assets) {
  console.log(`${asset.path}: ${asset.bytes.length} bytes, ${asset.gzip?.length ?? "not"} packed`);
}
