// A visit without a mouse: the skip link, the menu, the filter, a list, the dialog, themes, and the
// way back. Refuses to look at what the views hold.
import { complain, driven, expect, opened } from "./browser.mjs";
import { visit } from "./walk.mjs";

const [base] = process.argv.slice(2);
// More than any page has; the way round ends earlier, at its beginning.
const STOPS_MAX = 150;

// What has the focus, and whether that can be seen.
function focus(page) {
  return page.evaluate(() => {
    const active = document.activeElement;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(active);
    const { left, top, right, bottom } = active.getBoundingClientRect();
    const isInside = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
    const isRinged = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    return {
      id: active.id,
      name: (active.getAttribute("aria-label") ?? active.textContent).trim().slice(0, 60),
      href: active.getAttribute("href"),
      tag: active.tagName,
      isSeen: isInside && (isRinged || boxShadow !== "none"),
    };
  });
}

// Presses keys; what has the focus then must be seen to have it.
async function press(page, ...keys) {
  for (const key of keys) await page.keyboard.press(key);
  const at = await focus(page);
  expect(at.isSeen, page.url(), `after ${keys}: the focus is not seen on ${at.tag} ${at.name}`);
  return at;
}

const rows = (page) => page.locator("main tbody tr").count();

async function skipsAndWalksTheMenu(page) {
  await visit(page, `${base}/`);
  const skip = await press(page, "Tab");
  expect(skip.href === "#main", page.url(), `the first stop is ${skip.name}`);
  const inside = await press(page, "Enter");
  expect(inside.id === "main", page.url(), `the skip link leads to ${inside.tag}`);
  await visit(page, `${base}/`);
  let at = await press(page, "Tab", "Tab");
  while (at.href !== "/seams") at = await press(page, "Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${base}/seams`);
}

// From a list with a filter into one of its rows, and back to where it began.
async function filtersAndComesBack(page) {
  const all = await rows(page);
  await page.evaluate(() => { window.isSame = true; });
  const filter = await press(page, "/");
  expect(filter.id === "q", page.url(), `\`/\` leads to ${filter.name}`);
  await page.keyboard.type("verdict:broken");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${base}/seams?q=verdict%3Abroken`);
  await page.waitForFunction(() => document.activeElement.id === "main");
  expect(await page.evaluate(() => window.isSame), page.url(), "the filter loads a whole page");
  const few = await rows(page);
  expect(few > 0 && few < all, page.url(), `${few} of ${all} rows`);
  const [one, two, back] = [await press(page, "j"), await press(page, "j"), await press(page, "k")];
  expect(one.href !== two.href && one.href === back.href, page.url(), "j and k do not walk");
  expect(one.href?.startsWith("/seam?"), page.url(), `j leads to ${one.name}`);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/seam");
  await page.goBack();
  await page.waitForURL(`${base}/seams?q=verdict%3Abroken`);
  await shows(page, few, "verdict:broken");
  await page.goBack();
  await page.waitForURL(`${base}/seams`);
  await shows(page, all, "");
  await page.goForward();
  await shows(page, few, "verdict:broken");
}

// So many rows under this filter, and the tools beside them.
async function shows(page, count, filter) {
  const is = ([count, filter]) => document.querySelectorAll("main tbody tr").length === count
    && document.getElementById("q").value === filter && document.querySelector("#live button");
  await page.waitForFunction(is, [count, filter]).catch(async () => {
    complain(page.url(), `not ${count} rows under \`${filter}\` with tools beside them`);
  });
}

async function asksForKeys(page) {
  await page.keyboard.press("?");
  expect(await page.locator("#keys").isVisible(), page.url(), "`?` shows no keys");
  const close = await focus(page);
  expect(close.tag === "BUTTON" && close.isSeen, page.url(), `${close.tag} has the focus in it`);
  await page.keyboard.press("Escape");
  expect(!(await page.locator("#keys").isVisible()), page.url(), "Escape does not close it");
}

const theme = (page) => page.evaluate(() =>
  [document.documentElement.dataset.theme, getComputedStyle(document.documentElement).backgroundColor]);

// Light and dark are kept from page to page; so is the pause.
async function changesTheTheme(page) {
  const system = await theme(page);
  await page.keyboard.press("t");
  await page.keyboard.press("t");
  const dark = await theme(page);
  expect(dark[0] === "dark" && dark[1] !== system[1], page.url(), `the theme is ${dark}`);
  await page.keyboard.press("p");
  await visit(page, `${base}/map`);
  expect(String(await theme(page)) === String(dark), page.url(), "the theme is forgotten");
  const paused = page.getByRole("button", { name: "Follow changes" });
  expect(await paused.isVisible(), page.url(), "the pause is forgotten");
  await page.keyboard.press("p");
  await page.keyboard.press("t");
  expect(String(await theme(page)) === String(system), page.url(), "the theme does not go back");
}

// Every stop of a page can be seen.
async function goesRound(page, address) {
  await visit(page, base + address);
  for (let stops = 0; stops < STOPS_MAX; stops += 1) {
    await page.keyboard.press("Tab");
    const at = await focus(page);
    if (at.tag === "BODY") return;
    expect(at.isSeen, address, `the focus is not seen on ${at.tag} ${at.name}`);
  }
  complain(address, "the way round does not end");
}

await driven(async (browser) => {
  const page = await opened(browser, base);
  await skipsAndWalksTheMenu(page);
  await filtersAndComesBack(page);
  await asksForKeys(page);
  await changesTheTheme(page);
  for (const address of ["/", "/findings", "/map", "/history", "/rollouts", "/rehearsals"]) {
    await goesRound(page, address);
  }
});
