// A Chromium of its own, and what every check of the page needs.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const from = createRequire(join(process.env.QUELL_PAGE_TESTS, "package.json"));
const { chromium } = from("playwright-core");
const axe = readFileSync(from.resolve("axe-core/axe.min.js"), "utf8");

export const desktop = { width: 1280, height: 900 };
export const phone = { width: 390, height: 844 };

export async function start(shots) {
  const profile = mkdtempSync(join(tmpdir(), "quell-page-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.QUELL_CHROMIUM,
    headless: true,
    viewport: desktop,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  context.setDefaultTimeout(8000);
  const page = context.pages()[0] ?? (await context.newPage());
  return new Browser(context, page, shots, profile);
}

export class Browser {
  problems = [];
  addresses = new Set();

  constructor(context, page, shots, profile) {
    Object.assign(this, { context, page, shots, profile });
    page.on("pageerror", (error) => this.problems.push(`script: ${error.message}`));
    page.on("console", (message) => {
      // Refused requests are of some checks' making and are told by the page itself.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        this.problems.push(`console: ${message.text()}`);
      }
    });
    page.on("dialog", (dialog) => {
      this.problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => this.addresses.add(request.url()));
  }

  async close() {
    await this.context.close();
    rmSync(this.profile, { recursive: true, force: true });
  }

  text(selector = "main") {
    return this.page.locator(selector).first().innerText();
  }

  async sees(words, selector = "main") {
    await this.page.locator(selector).filter({ hasText: words }).first().waitFor();
  }

  // Light and dark, on a desk and in a hand: no rule of accessibility is broken, nothing sticks out
  // at the side.
  async look(name) {
    for (const colorScheme of ["light", "dark"]) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const [kind, size] of [["desktop", desktop], ["phone", phone]]) {
        await this.page.setViewportSize(size);
        await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30))));
        const beyond = await this.page.evaluate(() =>
          document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(beyond, 0, `${name} (${kind}) is ${beyond} pixels too wide`);
        await this.page.screenshot({ path: join(this.shots, `${name}-${colorScheme}-${kind}.png`) });
        if (kind === "desktop" || colorScheme === "light") await this.audit(`${name} (${colorScheme}, ${kind})`);
      }
    }
    await this.page.setViewportSize(desktop);
    await this.page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  }

  async audit(name) {
    if (!(await this.page.evaluate(() => "axe" in window))) await this.page.evaluate(axe);
    const broken = await this.page.evaluate(async () =>
      (await window.axe.run(document)).violations.map((rule) =>
        `${rule.id}: ${rule.help}: ${rule.nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" | ")}`));
    assert.deepEqual(broken, [], `${name}: accessibility`);
  }

  check() {
    assert.deepEqual(this.problems, []);
  }
}

export async function run(cases, ...arguments_) {
  let failed = false;
  for (const one of cases) {
    const begun = Date.now();
    try {
      await one(...arguments_);
      console.log(`ok      ${one.name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed = true;
      console.log(`FAILED  ${one.name}: ${error.stack}`);
    }
  }
  return failed;
}
