// Pages of a project in which every name is hostile. None of it runs, turns text round, or makes a
// page wider; all of it is shown. Refuses to know which name stands where.
import { complain, driven, expect, opened, overflow, WIDTHS } from "./browser.mjs";
import { menu, visit } from "./walk.mjs";

const [base, file] = process.argv.slice(2);
// Links of one page that are followed, evenly spread.
const LINKS_MAX = 14;
// What must be on the pages somewhere, as it is shown: else nothing hostile was looked at.
const SHOWN = ["<script>window.plumbRan=1</script>", "<img src=x onerror=window.plumbRan=1>",
  "javascript:window.plumbRan=1", "--><svg onload=", "&lt;b&gt;", "\\u{1b}[31m", "\\u{202e}gpj",
  "\\u{200b}", "verdict:broken\"", "{{7*7}}", "xxxxxxxxxxxxxxxxxxxxxxxx"];
const RAW = "[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u061c\\u200b\\u200e\\u200f"
  + "\\u2028\\u2029\\u202a-\\u202e\\u2060-\\u2069\\ufeff]";
// What asks for things that are not there, in words that would break out.
const ASKED = ["<script>window.plumbRan=1</script>", "\"><img src=x onerror=window.plumbRan=1>",
  "a:\u202egpj\u0007", "\"", "'\"", "x".repeat(499), "javascript:window.plumbRan=1"];

// What is wrong with a page as it stands, and its whole text.
async function looked(page, where) {
  const found = await page.evaluate((raw) => {
    const harmful = new RegExp(raw, "u");
    const texts = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode.data);
    for (const one of document.querySelectorAll("*")) {
      // What somebody wrote into the filter stays as it was written.
      const shown = [...one.attributes].filter(({ name }) => !["value", "d"].includes(name));
      texts.push(...shown.map(({ value }) => value));
    }
    return {
      ran: window.plumbRan,
      raw: texts.filter((text) => harmful.test(text)).map((text) => text.slice(0, 80)),
      away: [...document.links].map((link) => link.protocol)
        .filter((protocol) => protocol !== location.protocol),
      foreign: document.querySelectorAll("img, iframe, object, [onload], [onerror], [onfocus]").length,
      commands: [...document.querySelectorAll("pre code")].map((code) => code.innerText)
        .filter((text) => text.startsWith("plumb ")),
      text: document.body.innerText,
    };
  }, RAW);
  expect(found.ran === undefined, where, "a script ran");
  expect(!found.raw.length, where, `unescaped: ${JSON.stringify(found.raw.slice(0, 3))}`);
  expect(!found.away.length, where, `links to ${found.away}`);
  for (const command of found.commands) {
    // What is left where every quoted word is taken out is what a shell acts upon.
    const bare = command.replaceAll(/'[^']*'|\\'/g, "");
    expect(!/['"`$;&|<>()]/.test(bare), where, `whoever copies this runs ${bare.slice(0, 200)}`);
  }
  expect(!found.foreign, where, "a tag came in");
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    await overflow(page, `${where.slice(0, 120)} (${width} px)`);
  }
  return found.text;
}

function links(page) {
  return page.locator("main a[href^='/']").evaluateAll((links) =>
    links.map((link) => link.getAttribute("href")));
}

function spread(all) {
  const some = [...new Set(all)].filter((href) => !/^\/[a-z]+\.(csv|json)/.test(href));
  const every = Math.max(1, Math.ceil(some.length / LINKS_MAX));
  return some.filter((_, at) => at % every === 0);
}

await driven(async (browser) => {
  const page = await opened(browser, base, { taken: [404, 414] });
  await visit(page, base);
  const views = await menu(page);
  let text = "";
  const followed = new Set();
  for (const address of views) {
    await visit(page, base + address);
    text += await looked(page, address);
    for (const href of spread(await links(page))) followed.add(href);
  }
  for (const href of followed) {
    const answer = await visit(page, base + href);
    expect(answer.status() === 200, href, `answers ${answer.status()}`);
    expect(!(await page.locator("main .empty").count()), href, "leads to nothing");
    text += await looked(page, href);
  }
  for (const asked of ASKED) {
    const word = encodeURIComponent(asked);
    for (const address of [`/seams?q=${word}&order=${word}`, `/finding?key=${word}`, `/${word}`,
      `/seam?writer=${word}&reader=${word}&operation=${word}`, `/map?focus=${word}`,
      `/matrix?writer=${word}`, `/mending?key=${word}`, `/audit?page=${word}`]) {
      await visit(page, base + address);
      await looked(page, address);
    }
  }
  for (const shown of SHOWN) {
    expect(text.includes(shown), base, `nowhere is ${shown}`);
  }
  const report = await opened(browser, file);
  await report.goto(file);
  const told = await looked(report, "the report");
  for (const shown of SHOWN) expect(told.includes(shown), "the report", `nowhere is ${shown}`);
  if (followed.size < 40) complain(base, `only ${followed.size} links`);
});
