// A page that is open while something happens: it changes by itself, and nothing that somebody
// does on it is lost. Refuses to know what happened.
import { driven, expect, opened } from "./browser.mjs";
import { visit } from "./walk.mjs";

const [base, version] = process.argv.slice(2);

const told = (page) => page.getByRole("cell", { name: version }).or(
  page.getByRole("rowheader", { name: version }));

await driven(async (browser) => {
  const [open, still] = [await opened(browser, base), await opened(browser, base)];
  await visit(open, `${base}/releases`);
  await visit(still, `${base}/releases`);
  await still.keyboard.press("p");
  await open.locator("main a", { hasText: "The same as JSON" }).focus();
  const release = { component: "orders", version, environment: "staging" };
  const answer = await open.request.post(`${base}/api/v1/releases`, { data: release });
  expect(answer.ok(), base, `the release is not taken: ${answer.status()}`);
  await told(open).first().waitFor();
  const focused = await open.evaluate(() => document.activeElement.textContent);
  expect(focused === "The same as JSON", base, `the focus went to ${focused}`);
  expect((await told(still).count()) === 0, base, "a page that is paused has changed");
  await still.getByRole("button", { name: "Follow changes" }).click();
  await told(still).first().waitFor();
});
