// The page over running engines: node page.mjs BUSY EMPTY GUARDED SHOTS. BUSY has an incident under way,
// EMPTY knows nothing, GUARDED asks for credentials (tokens of the roles read and operate).
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { run, start } from "./browser.mjs";

const [busy, empty, guarded, shots] = process.argv.slice(2);
const browser = await start(shots);
const { page } = browser;

const open = async (base, hash = "") => {
  await page.goto("about:blank");
  await page.goto(`${base}/${hash}`);
};

async function now_tells_what_is_open() {
  await open(busy);
  await browser.sees(/\d open incident/);
  await browser.sees(/up to date/, ".facts");
  assert.match(await page.title(), /^\(\d+\) Quell$/);
  const rows = await page.locator("ul[aria-label='Open incidents'] a").count();
  assert.ok(rows >= 1);
  await browser.look("now");
}

async function an_incident_is_told_in_words_and_plots() {
  await open(busy);
  await page.locator("ul[aria-label='Open incidents'] a").first().click();
  await page.getByRole("heading", { name: "Evidence" }).waitFor();
  await browser.sees(/seen, .* expected \(band .* to .*\)/);
  await browser.sees(/Page to console: delivered/, ".timeline");
  await browser.look("incident");
  await page.locator(".plot-place").first().scrollIntoViewIfNeeded();
  await page.locator(".plot canvas").first().waitFor();
  const drawn = await page.locator(".plot [role=img]").first().getAttribute("aria-label");
  assert.match(drawn ?? "", /[1-9]\d* of \d+ points are odd enough to alert/);
  await page.locator("details summary").first().click();
  await browser.look("incident-signals");
  const text = await browser.text();
  assert.ok(!/[{}]|undefined|NaN|null|\[object/.test(text), "machine's words: " + text);
  const time = page.locator("main time").first();
  assert.match((await time.getAttribute("title")) ?? "", /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
}

async function signals_are_found_and_shown() {
  await open(busy, "#/signals");
  await page.locator("tbody tr.alarm").first().waitFor();
  await browser.look("signals");
  const all = await page.locator("tbody tr").count();
  await page.fill("#search", "ACME failure");
  await page.waitForFunction((n) => document.querySelectorAll("tbody tr").length < n, all);
  for (const row of await page.locator("tbody tr").allInnerTexts()) assert.match(row, /acme/);
  await page.fill("#search", "no such thing");
  await browser.sees("No signal fits");
  await page.fill("#search", "");
  await page.getByRole("button", { name: /^Alerting/ }).click();
  await page.locator("tbody a").first().click();
  await page.locator(".plot canvas").first().waitFor();
  await browser.look("signal");
}

async function incidents_are_narrowed() {
  await open(busy, "#/incidents");
  const list = page.locator("ul[aria-label='Incidents'] a");
  await list.first().waitFor();
  await browser.look("incidents");
  await page.getByLabel("Search incidents").fill("no <b>such</b> thing");
  await browser.sees("No incident fits");
  await page.getByLabel("Search incidents").fill("ACME");
  await list.first().waitFor();
  await page.getByRole("button", { name: "Merged" }).click();
  await browser.sees("No incident fits");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await list.first().waitFor();
  await page.getByLabel("Began within").selectOption("30 days");
  await list.first().click();
  await page.getByRole("heading", { name: "Evidence" }).waitFor();
}

async function a_silence_shows_its_effect_and_ends() {
  await open(busy, "#/signals");
  await page.locator("tbody tr.alarm a").first().click();
  await page.getByRole("button", { name: "Silence…" }).click();
  await browser.sees(/Pages of 1 signal would be held back, 1 of them alerting now/, ".effect");
  await page.getByRole("checkbox").first().uncheck();
  await browser.sees(/Pages of ([2-9]|\d\d+) signals/, ".effect");
  await browser.look("silence");
  await page.getByLabel("Why").fill("looked at by <b>alice</b>");
  await page.getByRole("button", { name: "Silence", exact: true }).click();
  await browser.sees("looked at by <b>alice</b>", ".rows");
  await browser.look("changes");
  await open(busy);
  await browser.sees("1 silence in force", ".in-force");
  await page.getByRole("link", { name: "1 silence" }).click();
  await page.getByRole("button", { name: "End it now…" }).click();
  await browser.sees(/may page again/, "dialog");
  await page.getByRole("button", { name: "End it", exact: true }).click();
  await browser.sees("Expired", ".rows");
  await browser.sees("Canary of 5 %", ".rows");
}

async function actions_tell_their_effect_and_are_done() {
  await open(busy);
  await page.locator("ul[aria-label='Open incidents'] a").first().click();
  const act = async (button, effect, fields = {}) => {
    await page.getByRole("button", { name: button, exact: true }).click();
    await browser.sees(effect, "dialog .effect");
    for (const [label, text] of Object.entries(fields)) {
      await page.getByRole("dialog").getByRole("textbox", { name: label }).fill(text);
    }
    await page.getByRole("dialog").getByRole("button", { name: button.replace("…", ""), exact: true }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  };
  await act("Acknowledge", "Pages go on as ever");
  await browser.sees(/Acknowledged by anonymous/, ".lead");
  await act("Note…", "in the timeline", { Note: "asked <i>acme</i>" });
  await browser.sees("asked <i>acme</i>", ".timeline");
  await act("Expected…", "It closes nothing", { "What was known": "their release" });
  await act("Not an incident…", "nothing was wrong");
  const feedback = await (await fetch(`${busy}/api/v1/feedback`)).json();
  assert.deepEqual(feedback.feedback.map((one) => one.verdict), ["not_an_incident", "expected"]);
  await page.getByRole("button", { name: "Merge…" }).click();
  await page.getByRole("dialog", { name: "Merge" }).waitFor();
  await browser.look("action");
  await page.keyboard.press("Escape");
  await act("Give it back", "Nobody has it any more");
  await page.locator(".lead", { hasText: "Acknowledged" }).waitFor({ state: "detached" });
  await act("Resolve", "stays open until they are back");
  await browser.sees(/Resolved by anonymous/, ".timeline");
  await browser.look("incident-worked-on");
}

async function the_audit_log_tells_who_did_what() {
  await open(busy, "#/audit");
  await browser.sees("each hashed with the one before it", ".lead");
  await browser.sees(/Page trigger/, "tbody");
  await browser.look("audit");
  await page.getByRole("button", { name: "Action", exact: true }).click();
  await browser.sees(/People acknowledge\b/, "tbody");
  await browser.sees("anonymous", "tbody");
  assert.equal(await page.locator("tbody", { hasText: "Page trigger" }).count(), 0);
  await page.locator("tbody a").first().click();
  const [draft] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Markdown", exact: true }).click(),
  ]);
  assert.match(draft.suggestedFilename(), /^incident-.+\.md$/);
  assert.match(await readFile(await draft.path(), "utf8"), /^# Postmortem draft: /);
}

async function a_version_is_tried_promoted_and_rolled_back() {
  await open(empty, "#/models");
  await browser.sees("No versions are registered");
  await browser.look("models-none");
  const post = (body) => fetch(`${empty}/api/v1/models`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const quality = { recall: 0.93, precision: 0.9, false_pages_per_week: 1.5, incidents: 21 };
  const training = { from: "2026-08-01T00:00:00Z", to: "2026-08-15T00:00:00Z", digest: "0".repeat(64) };
  const made = await post({ settings: { false_pages_per_week: 0.5 }, quality, training,
                            reason: "<img src=x onerror=alert(1)>", by: "ada" });
  assert.equal(made.status, 201, await made.text());
  assert.equal((await post({ settings: { lateness: "20s" }, by: "bob" })).status, 201);
  await browser.sees("0.93", "tbody");
  await browser.sees("not measured", "tbody");
  await browser.look("models");
  await page.locator("tbody tr", { hasText: "0.93" }).getByRole("link").click();
  await browser.sees(/false_pages_per_week: .* → "0.5"/);
  const act = async (name, effect) => {
    await page.getByRole("button", { name: `${name}…` }).click();
    const dialog = page.getByRole("dialog", { name });
    await dialog.getByText(effect).waitFor();
    await dialog.getByLabel("Why").fill("for a test");
    await browser.audit(`model ${name}`);
    await dialog.getByRole("button", { name, exact: true }).click();
    await dialog.waitFor({ state: "detached" });
  };
  await act("Try in shadow", "pages nobody");
  await browser.sees(/only of what decides/);
  await browser.look("model-shadow");
  await act("Approve", "Your name stands for it");
  await browser.sees(/anonymous|somebody/, "main");
  await act("Promote", "decides from the next record on");
  await page.locator("h1", { hasText: "Active" }).waitFor();
  await browser.look("model-active");
  await act("Roll back", "The version before decides again");
  await page.locator("h1", { hasText: "Retired" }).waitFor();
}

async function keys_go_everywhere() {
  await open(busy);
  await page.locator("[data-row]").first().waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  const focused = await page.evaluate(() => document.activeElement === document.querySelector("[data-row]"));
  assert.ok(focused, "j and k move the focus");
  await page.keyboard.press("Enter");
  await page.waitForURL(/#\/incidents\//);
  await page.keyboard.press("Escape");
  await page.waitForURL(/#\/now$/);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await browser.audit("keys");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("/");
  await page.waitForFunction(() => document.activeElement?.id === "search");
  await page.keyboard.press("Escape");
  await page.keyboard.press("t");
  await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
  await page.keyboard.press("t");
  await page.keyboard.press("t");
}

async function hostile_labels_are_inert() {
  await open(busy, "#/signals");
  await page.fill("#search", "onerror");
  await browser.sees("<img src=x onerror=alert(1)>", "tbody");
  await browser.look("hostile");
  await page.locator("tbody a").first().click();
  await browser.sees("<img src=x onerror=alert(1)>");
  await open(busy, "#/incidents");
  await page.getByLabel("Search incidents").fill("onerror");
  await browser.sees("<img src=x onerror=alert(1)>", "ul[aria-label='Incidents']");
  await browser.look("hostile-incidents");
  await page.locator("ul[aria-label='Incidents'] a").first().click();
  await page.getByRole("heading", { name: "Evidence" }).waitFor();
  await browser.sees("<img src=x onerror=alert(1)>");
  await browser.look("hostile-incident");
  for (const hash of ["#/incidents/00ff", "#/signals/ffff", "#/<script>alert(1)</script>"]) {
    await open(busy, hash);
    await page.locator(".failure, .empty").first().waitFor();
  }
  assert.equal(await page.locator("img").count(), 0);
}

async function nothing_yet_is_said() {
  await open(empty);
  await browser.sees("All quiet");
  await browser.sees("none yet", ".facts");
  await browser.look("empty");
  await open(empty, "#/signals");
  await browser.sees("No signal fits");
  await open(empty, "#/changes");
  await browser.sees("Nothing is silenced");
  await browser.sees("No lasting shift became normal");
}

async function roles_are_obeyed_and_tokens_stay_inside() {
  browser.addresses.clear();
  await open(guarded);
  await page.getByLabel("Token").waitFor();
  await browser.look("login");
  await page.getByLabel("Token").fill("a-token-that-nobody-has");
  await page.getByRole("button", { name: "Sign in" }).click();
  await browser.sees("That was not accepted");
  for (const [role, buttons] of [["read", 0], ["operate", 1]]) {
    await page.getByLabel("Token").fill(`page-token-of-${role}`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    await open(guarded, "#/changes"); // loaded anew in the same tab: still signed in
    await browser.sees("an old one");
    assert.equal(await page.getByRole("button", { name: "End it now…" }).count(), buttons, role);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Token").waitFor();
  }
  for (const address of browser.addresses) assert.ok(!address.includes("token"), address);
}

async function reports_are_listed_and_shown() {
  await open(busy, "#/reports");
  await page.getByRole("link", { name: "august" }).click();
  await browser.sees(/1 of 2/, ".facts");
  await browser.sees("<img src=x onerror=alert(1)>", "table");
  await browser.sees("INC-<b>2</b>", "ul[aria-label='Missed incidents']");
  await browser.look("report");
  await open(busy, "#/reports/none");
  await browser.sees("no report of that name", ".failure");
  await open(empty, "#/reports");
  await browser.sees("No reports");
}

// It asks by itself every 20 s while it hears events: what shows within 8 s was told.
async function what_changes_is_told_at_once() {
  await open(busy, "#/changes");
  await browser.sees("Live", ".connection");
  const change = { id: "told", time: Math.floor(Date.now() / 1000), kind: "deploy", note: "<u>told</u> at once" };
  const answer = await fetch(`${busy}/api/v1/changes`, { method: "POST", body: JSON.stringify(change) });
  assert.equal(answer.status, 202);
  await browser.sees("<u>told</u> at once", ".rows");
  await page.route("**/api/v1/events", (route) => route.abort());
  await open(busy, "#/changes");
  await browser.sees("Polling", ".connection");
  await page.unroute("**/api/v1/events");
  await browser.sees("Live", ".connection");
}

async function a_lost_engine_is_said_and_found_again() {
  await open(busy);
  await browser.sees(/\d open incident/);
  await browser.context.setOffline(true);
  await browser.sees("Trying again by itself", ".banner");
  await browser.sees("Disconnected", ".connection");
  await browser.audit("disconnected");
  await browser.context.setOffline(false);
  await browser.sees("Live", ".connection");
}

async function a_new_normal_is_shown_before_it_is_and_taken_back() {
  await open(busy);
  await page.locator("ul[aria-label='Open incidents'] a").first().click();
  await page.getByRole("button", { name: "New normal…" }).click();
  await browser.sees(/now\. Expected.*: .* \(band .* to .*\) so far, .* \(band .* to .*\) from then on/, "dialog");
  await browser.look("new-normal");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.deepEqual((await (await fetch(`${busy}/api/v1/adoptions`)).json()).adoptions, []);
  await page.getByRole("button", { name: "New normal…" }).click();
  await page.getByRole("button", { name: "Expect it from now on" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await open(busy, "#/changes");
  await browser.sees("Somebody said so", "ul[aria-label='Adoptions']");
  await browser.look("adopted");
  await page.getByRole("button", { name: "Take it back…" }).first().click();
  await page.getByRole("button", { name: "Take it back", exact: true }).click();
  await browser.sees("Taken back", "ul[aria-label='Adoptions']");
  const audit = await (await fetch(`${busy}/api/v1/audit?kind=action&limit=1000`)).json();
  for (const what of ["people_new_normal", "adopted", "adoption_undone"]) {
    assert.ok(audit.audit.some((row) => row.what === what && row.actor === "anonymous"), what);
  }
}

const failed = await run([now_tells_what_is_open, an_incident_is_told_in_words_and_plots,
  signals_are_found_and_shown, incidents_are_narrowed,
  a_silence_shows_its_effect_and_ends,
  actions_tell_their_effect_and_are_done, the_audit_log_tells_who_did_what, keys_go_everywhere,
  hostile_labels_are_inert, nothing_yet_is_said,
  a_version_is_tried_promoted_and_rolled_back, roles_are_obeyed_and_tokens_stay_inside,
  reports_are_listed_and_shown,
  what_changes_is_told_at_once, a_lost_engine_is_said_and_found_again,
  a_new_normal_is_shown_before_it_is_and_taken_back, async function no_script_failed() { browser.check(); }]);
await browser.close();
process.exit(failed ? 1 : 0);
