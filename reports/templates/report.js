"use strict";
// The overview is complete without this script; here the cases are sorted, filtered, unpacked and shown.
const gradjury = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const has = (selector) => one(selector) !== null;
  const make = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));
  const grouped = (n) => n.toLocaleString("en");
  const SORTS = ["id", "verdict", "text", "cause", "ulps", "depth"];
  const opening = root.lang;
  const hasCases = has("#rows");
  let rows = null; // the columns of the table, once unpacked
  let order = []; // places of the rows that are shown, in their order
  let haystack = [];
  let state;

  const words = (key, values = {}) => fill(data.words[state.lang][key], values);

  // ---- the address -------------------------------------------------------------------------------------

  function read() {
    const hash = new URLSearchParams(location.hash.slice(1));
    const among = (key, values, otherwise) => (values.includes(hash.get(key)) ? hash.get(key) : otherwise);
    const whole = (key, last) => {
      const value = hash.get(key) === null || hash.get(key) === "" ? NaN : Number(hash.get(key));
      return Number.isInteger(value) && value >= 0 && value <= last ? value : null;
    };
    state = {
      lang: among("lang", Object.keys(data.words), opening),
      theme: among("theme", ["light", "dark"], ""),
      q: hash.get("q") || "",
      v: among("v", data.verdicts.map((verdict) => verdict.name), ""),
      cause: among("cause", data.causes.map((cause) => cause.key), ""),
      op: among("op", data.operations, ""),
      depth: whole("depth", data.depths - 1),
      range: whole("range", data.ranges.length - 1),
      untested: hash.get("untested") === "1",
      sort: among("sort", SORTS, ""),
      down: hash.get("down") === "1",
      f: hash.get("f"),
    };
  }

  function write(push = false) {
    const kept = new URLSearchParams();
    for (const [key, value] of Object.entries(state)) {
      const usual = value === "" || value === null || value === false || (key === "lang" && value === opening);
      if (!usual) kept.set(key, value === true ? "1" : value);
    }
    const text = String(kept);
    const address = text ? "#" + text : location.pathname.split("/").pop() || "#";
    if (push) history.pushState(null, "", text ? address : "#");
    else history.replaceState(null, "", text ? address : "#");
  }

  // ---- language and theme ------------------------------------------------------------------------------

  function speak(within = document) {
    root.lang = state.lang;
    document.title = data.titles[state.lang];
    if (state.theme) root.dataset.theme = state.theme;
    else delete root.dataset.theme;
    const dark = state.theme ? state.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    const chosen = { lang: state.lang, theme: dark ? "dark" : "light" };
    for (const button of all("[data-set]")) {
      button.setAttribute("aria-pressed", String(chosen[button.dataset.set] === button.dataset.value));
    }
    for (const part of all("[data-word]", within)) part.textContent = words(part.dataset.word);
    for (const part of all("[data-label]", within)) part.setAttribute("aria-label", words(part.dataset.label));
    for (const part of all("[data-placeholder]", within)) part.placeholder = words(part.dataset.placeholder);
  }

  // ---- what was packed ---------------------------------------------------------------------------------

  async function unpack(text) {
    const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Response(stream).json();
  }

  const blocks = new Map();
  const waiting = new Map();

  function arrived(number, text) {
    waiting.get(number)?.(text);
  }

  function fetchShard(number) {
    return new Promise((done, failed) => {
      waiting.set(number, done);
      const script = make("script", { src: data.shards[number] });
      script.onerror = () => failed(new Error(words("shard_missing", { file: data.shards[number] })));
      document.head.append(script);
    });
  }

  /** The case at a place of the unsorted table: its record, and its page as HTML that gradjury has escaped. */
  async function caseAt(place) {
    const number = Math.floor(place / data.block);
    if (!blocks.has(number)) {
      const text = data.shards.length ? fetchShard(number) : Promise.resolve(one(`[data-block="${number}"]`).textContent);
      blocks.set(number, text.then(unpack));
      blocks.get(number).catch(() => blocks.delete(number));
      if (blocks.size > 40) blocks.delete(blocks.keys().next().value);
    }
    return (await blocks.get(number))[place % data.block];
  }

  // ---- which rows, in which order ------------------------------------------------------------------------

  function matches() {
    const verdict = data.verdicts.findIndex((each) => each.name === state.v);
    const cause = data.causes.findIndex((each) => each.key === state.cause);
    const wanted = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const operation = data.operations.indexOf(state.op);
    const inCell = (code) => {
      const range = code % data.ranges.length;
      const above = Math.floor(code / data.ranges.length);
      return (
        Math.floor(above / data.depths) === operation &&
        (state.depth === null || above % data.depths === state.depth) &&
        (state.range === null || range === state.range)
      );
    };
    const found = [];
    for (let k = 0; k < rows.id.length; k++) {
      if (verdict >= 0 && rows.verdict[k] !== verdict) continue;
      if (cause >= 0 && rows.cause[k] !== cause) continue;
      if (operation >= 0 && !rows.cells[k].some(inCell)) continue;
      if (wanted.length && !wanted.every((word) => haystack[k].includes(word))) continue;
      found.push(k);
    }
    return found;
  }

  const collator = new Intl.Collator("en", { numeric: true });

  function sorted(found) {
    if (!state.sort) return found;
    const column = rows[state.sort];
    const direction = state.down ? -1 : 1;
    const compare = state.sort === "text" || state.sort === "id"
      ? (a, b) => collator.compare(column[a], column[b])
      : (a, b) => column[a] - column[b];
    const none = (k) => column[k] === null;
    return found.sort((a, b) => none(a) - none(b) || direction * (none(a) ? 0 : compare(a, b)) || a - b);
  }

  // ---- the table: only the rows in sight are in the page ---------------------------------------------------

  const box = one(".rows");
  let drawn = [-1, -1];
  const ON_PAPER = 300; // rows
  let printing = false;

  function drawRows(force = false) {
    const height = parseFloat(getComputedStyle(box).getPropertyValue("--row"));
    const first = printing ? 0 : Math.max(0, Math.floor(box.scrollTop / height) - 6);
    const last = printing ? Math.min(order.length, ON_PAPER) : Math.min(order.length, first + Math.ceil(box.clientHeight / height) + 14);
    if (!force && first === drawn[0] && last === drawn[1]) return;
    drawn = [first, last];
    const focused = document.activeElement?.dataset?.place;
    const body = one("#rows tbody");
    const width = all("#rows th").filter((head) => getComputedStyle(head).display !== "none").length;
    const spacer = (count) => make("tr", { className: "spacer", ariaHidden: "true" }, make("td", { colSpan: width, style: `height: ${printing ? 0 : count * height}px` }));
    body.replaceChildren(spacer(first), ...order.slice(first, last).map((place, k) => drawRow(place, first + k)), spacer(order.length - last));
    one("#rows").setAttribute("aria-rowcount", order.length + 1);
    if (focused !== undefined) one(`[data-place="${focused}"]`, body)?.focus({ preventScroll: true });
  }

  /** How many rows there are; on paper, how many of them it holds. */
  function tellCount() {
    const isCut = printing && order.length > ON_PAPER;
    const numbers = isCut ? [ON_PAPER, order.length] : [order.length, rows.id.length];
    const [shown, all] = numbers.map(grouped);
    one("#count").textContent = order.length ? words(isCut ? "first_of" : "shown_of", { shown, all }) : words("nothing_matches");
  }

  function drawRow(place, position) {
    const verdict = data.verdicts[rows.verdict[place]];
    const link = make("a", { href: caseAddress(rows.id[place]), textContent: rows.id[place] });
    link.dataset.place = place;
    const cause = rows.cause[place] < 0 ? "" : data.causes[rows.cause[place]][state.lang];
    const ulps = rows.ulps[place];
    const row = make("tr", {},
      make("td", { className: "id", title: rows.id[place] }, link),
      make("td", {}, make("span", { className: `chip small ${verdict.name}`, textContent: verdict[state.lang], title: verdict.name })),
      make("td", { className: "code", title: rows.at[place] }, ...ofOrder(place), rows.text[place].slice(0, 300)),
      make("td", { className: "why", textContent: cause, title: cause }),
      make("td", { className: "ulps", textContent: ulps === null ? "—" : typeset(ulps.toPrecision(3)) }),
      make("td", { className: "depth", textContent: rows.depth[place] || "—" }));
    row.setAttribute("aria-rowindex", position + 2);
    return row;
  }

  /** What tells a derivative of a higher order from the first. */
  function ofOrder(place) {
    const order = rows.order[place];
    return order === 1 ? [] : [make("span", { className: "order", textContent: fill(words("order_short"), { order }) }), " "];
  }

  /** 3.27e+4 as 3.27·10⁴. */
  function typeset(number) {
    const raised = (power) => [...power].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit] ?? { "-": "⁻" }[digit] ?? "").join("");
    return number.replace(/e(.*)$/, (whole, power) => "·10" + raised(power));
  }

  function caseAddress(id) {
    const hash = new URLSearchParams(location.hash.slice(1));
    hash.set("f", id);
    return "#" + hash;
  }

  function filter(keepScroll = false) {
    if (!rows) return;
    order = sorted(matches());
    tellCount();
    const cell = one("#cell");
    cell.hidden = !state.op;
    if (state.op) cell.textContent = words(state.depth === null ? "operation_filter" : "cell_filter", { operation: state.op, depth: state.depth });
    one("#clear").hidden = !(state.q || state.v || state.cause || state.op);
    if (one("#search").value !== state.q) one("#search").value = state.q;
    one("#by-verdict").value = state.v;
    one("#by-cause").value = state.cause;
    for (const head of all("#rows [data-sort]")) {
      const column = words({ text: "function", ulps: "ulps_short" }[head.dataset.sort] || head.dataset.sort);
      const button = one("button", head);
      button.textContent = column + (state.sort === head.dataset.sort ? (state.down ? " ↓" : " ↑") : "");
      button.setAttribute("aria-label", words("sort_by", { column }));
      if (state.sort === head.dataset.sort) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    if (!keepScroll) box.scrollTop = 0;
    drawRows(true);
  }

  function offer() {
    const option = (value, text) => make("option", { value, textContent: text });
    const present = new Set(rows ? rows.verdict : []);
    one("#by-verdict").replaceChildren(option("", words("every_verdict")),
      ...data.verdicts.filter((verdict, k) => present.has(k)).map((verdict) => option(verdict.name, verdict.name === verdict[state.lang] ? verdict.name : `${verdict[state.lang]} (${verdict.name})`)));
    one("#by-cause").replaceChildren(option("", words("every_cause")),
      ...data.causes.map((cause) => option(cause.key, cause[state.lang].slice(0, 120))));
  }

  // ---- what was tested: operations by depth ------------------------------------------------------------------

  function drawHeat() {
    const table = one("#heat");
    if (!table) return;
    const counts = new Map();
    let deepest = 0;
    for (const [code, agree, fails, neither] of data.coverage) {
      if (state.range !== null && code % data.ranges.length !== state.range) continue;
      const cell = Math.floor(code / data.ranges.length);
      deepest = Math.max(deepest, cell % data.depths);
      const known = counts.get(cell) || [0, 0, 0];
      counts.set(cell, [known[0] + agree, known[1] + fails, known[2] + neither]);
    }
    const depths = Array.from({ length: Math.max(deepest, 1) }, (_, k) => k + 1);
    const cells = data.operations.map((_, o) => depths.map((d) => counts.get(o * data.depths + d)));
    const tested = cells.map((row) => row.some(Boolean));
    const head = make("tr", {}, make("th", { scope: "col", textContent: words("operation") }),
      ...depths.map((d) => make("th", { scope: "col", textContent: d === data.depths - 1 ? `≥ ${d}` : d })));
    const body = make("tbody");
    const most = Math.max(1, ...[...counts.values()].map(([a, b, c]) => a + b + c));
    let empty = 0;
    data.operations.forEach((operation, o) => {
      empty += cells[o].filter((cell) => !cell).length;
      if (!tested[o] && !state.untested) return;
      const row = make("tr", {}, make("th", { scope: "row" }, make("code", { textContent: operation })));
      depths.forEach((depth, d) => row.append(drawCell(operation, depth, cells[o][d], most)));
      body.append(row);
    });
    table.replaceChildren(make("thead", {}, head), body);
    const first = one("a", table);
    if (first) first.tabIndex = 0;
    one("#tested-summary").textContent = words("tested_summary", {
      tested: tested.filter(Boolean).length, all: data.operations.length, depth: deepest, empty: grouped(empty),
      cells: grouped(data.operations.length * depths.length),
    });
    one("#untested").checked = state.untested;
    one("#range").value = state.range === null ? "" : String(state.range);
  }

  function drawCell(operation, depth, counts, most) {
    if (!counts) return make("td", { className: "empty" }, make("span", { className: "unseen", textContent: words("never_tested") }));
    const [agree, fails, neither] = counts;
    const total = agree + fails + neither;
    const says = words("cell_says", { operation, depth, tested: grouped(total), fails: grouped(fails), neither: grouped(neither) });
    const cell = make("td", { className: fails ? "fails" : neither ? "neither" : "agree", title: says });
    cell.style.setProperty("--heat", `${Math.round(6 + 16 * Math.log1p(total) / Math.log1p(most))}%`);
    cell.style.setProperty("--fails", `${Math.round(30 * Math.sqrt(fails / total))}%`);
    const short = (n) => (n < 1e3 ? String(n) : n < 1e6 ? `${Math.round(n / 1e3)}k` : `${Math.round(n / 1e6)}M`);
    const text = short(total);
    if (!(fails || neither) || !hasCases) cell.textContent = text;
    else {
      // hundreds of cells are one stop of the Tab key: arrow keys lead from one to the next
      const link = make("a", { href: "#cases", textContent: text, ariaLabel: says, tabIndex: -1 });
      link.addEventListener("click", (event) => {
        event.preventDefault();
        change({ op: operation, depth, f: null });
        one("#cases").scrollIntoView();
        box.focus({ preventScroll: true });
      });
      cell.append(link);
    }
    return cell;
  }

  /** The next cell that leads to cases, from one of them in the direction of a key. */
  function beside(link, key) {
    const row = link.closest("tr"), column = link.closest("td").cellIndex;
    const across = key === "ArrowLeft" || key === "ArrowRight";
    const line = across ? [...row.cells] : [...row.parentElement.rows].map((each) => each.cells[column]);
    const forth = key === "ArrowRight" || key === "ArrowDown";
    const rest = forth ? line.slice(line.indexOf(link.closest("td")) + 1) : line.slice(0, line.indexOf(link.closest("td"))).reverse();
    return rest.map((cell) => one("a", cell)).find(Boolean);
  }

  // ---- the page of one case --------------------------------------------------------------------------------

  let shown = null;

  async function showCase() {
    if (!hasCases) return;
    const place = state.f === null || !rows ? -1 : rows.id.indexOf(state.f);
    const wasShown = shown;
    shown = place < 0 ? null : place;
    one("#case").hidden = place < 0;
    one("#overview").hidden = place >= 0;
    if (place < 0) {
      if (wasShown !== null) {
        drawRows(true);
        one(`[data-place="${wasShown}"]`)?.focus();
      }
      return;
    }
    const position = order.indexOf(place);
    one("#case-title").textContent = words("case_title", { id: state.f });
    one("#case-of").textContent = position < 0 ? "" : words("case_of", { number: grouped(position + 1), all: grouped(order.length) });
    one("#case-previous").disabled = position <= 0;
    one("#case-next").disabled = position < 0 || position + 1 >= order.length;
    if (wasShown === place) return;
    const body = one("#case-body");
    body.replaceChildren(make("p", { className: "soft", textContent: words("loading") }));
    try {
      const found = await caseAt(place);
      if (shown !== place) return;
      body.innerHTML = found.html; // escaped by the template that made it
      furnish(body);
    } catch (error) {
      body.replaceChildren(make("p", { className: "bad", textContent: String(error.message || error) }));
    }
    scrollTo(0, 0);
    one("#case-title").focus({ preventScroll: true });
  }

  /** Words, buttons to copy, and a graph that opens where the fault is. */
  function furnish(within) {
    for (const part of all(".copy", within)) {
      const button = make("button", { type: "button", className: "plain" });
      button.dataset.word = "copy";
      button.addEventListener("click", () => copy(one("pre", part), button));
      part.append(button);
    }
    speak(within);
    const bad = one(".node.bad", within);
    const scroller = bad?.closest(".scroll");
    if (scroller && scroller.scrollWidth > scroller.clientWidth) {
      const middle = bad.getBoundingClientRect();
      const frame = scroller.getBoundingClientRect();
      const far = scroller.scrollLeft + (middle.left + middle.right - frame.left - frame.right) / 2;
      scroller.scrollLeft = far < 40 ? 0 : far; // a little would only cut off the first letters
    }
  }

  async function copy(source, button) {
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      getSelection().selectAllChildren(source);
      document.execCommand("copy");
    }
    button.textContent = words("copied");
    setTimeout(() => (button.textContent = words("copy")), 1500);
  }

  function step(by) {
    const next = order[order.indexOf(shown) + by];
    if (shown !== null && next !== undefined && order.includes(shown)) change({ f: rows.id[next] }, true);
  }

  // ---- downloads -----------------------------------------------------------------------------------------

  function save(name, type, parts) {
    const link = make("a", { href: URL.createObjectURL(new Blob(parts, { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function saveTable() {
    // a cell that a spreadsheet would take for a formula begins with an apostrophe instead
    const cell = (value) => `"${String(value ?? "").replace(/^[=@\t\r]/, "'$&").replace(/"/g, '""')}"`;
    const lines = order.map((k) => [rows.id[k], data.verdicts[rows.verdict[k]].name, rows.text[k],
      rows.cause[k] < 0 ? "" : data.causes[rows.cause[k]].en, rows.ulps[k], rows.depth[k], rows.at[k]].map(cell).join(","));
    save("cases.csv", "text/csv", ["id,verdict,expression,cause,ulps,depth,point\r\n", lines.join("\r\n"), "\r\n"]);
  }

  async function saveRecords() {
    const lines = [];
    const byBlock = [...order].sort((a, b) => a - b);
    const records = new Map();
    for (const place of byBlock) records.set(place, (await caseAt(place)).record);
    for (const place of order) lines.push(JSON.stringify(records.get(place)) + "\n");
    save("cases.jsonl", "application/jsonl", lines);
  }

  // ---- together --------------------------------------------------------------------------------------------

  function draw(keepScroll = false) {
    speak();
    drawHeat();
    if (hasCases) {
      offer();
      filter(keepScroll);
      showCase();
    }
  }

  function change(changes, push = false) {
    const turned = "f" in changes && changes.f !== state.f;
    const speaks = "lang" in changes || "theme" in changes;
    Object.assign(state, changes);
    write(push || turned);
    if (speaks) draw(true);
    else {
      if ("range" in changes || "untested" in changes) drawHeat();
      if (hasCases) {
        if (Object.keys(changes).some((key) => key !== "f")) filter();
        showCase();
      }
    }
  }

  for (const button of all("[data-set]")) {
    button.addEventListener("click", () => change({ [button.dataset.set]: button.dataset.value }));
  }
  one("#more-causes")?.addEventListener("click", (event) => {
    const more = all("[data-more]");
    for (const part of more) part.hidden = false;
    event.target.remove();
    one("a", more[0])?.focus(); // the button that had it is gone
  });
  one("#range")?.addEventListener("change", (event) => change({ range: event.target.value === "" ? null : Number(event.target.value) }));
  one("#untested")?.addEventListener("change", (event) => change({ untested: event.target.checked }));

  if (hasCases) {
    for (const head of all("#rows [data-sort]")) {
      const button = make("button", { type: "button" });
      const column = head.dataset.sort;
      button.addEventListener("click", () => {
        const wasDown = state.sort === column && state.down;
        const wasUp = state.sort === column && !state.down;
        change(wasDown ? { sort: "", down: false } : { sort: column, down: wasUp });
      });
      head.replaceChildren(button);
    }
    one("#search").addEventListener("input", (event) => change({ q: event.target.value }));
    one("#by-verdict").addEventListener("change", (event) => change({ v: event.target.value }));
    one("#by-cause").addEventListener("change", (event) => change({ cause: event.target.value }));
    one("#clear").addEventListener("click", () => {
      change({ q: "", v: "", cause: "", op: "", depth: null });
      one("#search").focus();
    });
    one("#csv").addEventListener("click", saveTable);
    one("#json").addEventListener("click", saveRecords);
    box.addEventListener("scroll", () => drawRows(), { passive: true });
    addEventListener("resize", () => drawRows(true));
    const print = (onPaper) => {
      printing = onPaper;
      drawRows(true);
      tellCount();
    };
    addEventListener("beforeprint", () => print(true));
    addEventListener("afterprint", () => print(false));
    one("#back").addEventListener("click", (event) => {
      event.preventDefault();
      change({ f: null });
    });
    one("#case-previous").addEventListener("click", () => step(-1));
    one("#case-next").addEventListener("click", () => step(1));
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[data-verdict], a[data-cause], a[data-id], a[data-place]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (link.dataset.place !== undefined) change({ f: rows.id[Number(link.dataset.place)] });
      else if (link.dataset.id !== undefined) {
        if (rows.id.includes(link.dataset.id)) change({ f: link.dataset.id });
      } else {
        change({ v: link.dataset.verdict || "", cause: link.dataset.cause || "", q: "", op: "", depth: null });
        one("#cases").scrollIntoView();
        box.focus({ preventScroll: true });
      }
    });
    one("#heat")?.addEventListener("focusin", (event) => {
      if (!event.target.matches("a")) return;
      for (const link of all("#heat a")) link.tabIndex = link === event.target ? 0 : -1;
    });
    one("#heat")?.addEventListener("keydown", (event) => {
      if (!/^Arrow/.test(event.key) || !event.target.matches("a") || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      beside(event.target, event.key)?.focus();
    });
    one("#rows").addEventListener("click", (event) => {
      const link = one("a", event.target.closest("tbody tr") || document.createElement("i"));
      if (link && !event.target.closest("a") && !String(getSelection())) link.click();
    });
  }

  addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input, select, summary")) return;
    const scrolls = event.target.closest(".scroll");
    if (shown !== null && !scrolls) {
      if (event.key === "ArrowRight") step(1);
      if (event.key === "ArrowLeft") step(-1);
      if (event.key === "Escape") change({ f: null });
    }
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const place = event.target.dataset?.place;
    if (way && place !== undefined) {
      event.preventDefault();
      const height = parseFloat(getComputedStyle(box).getPropertyValue("--row"));
      const next = order.indexOf(Number(place)) + way;
      if (next < 0 || next >= order.length) return;
      if ((next + 2) * height > box.scrollTop + box.clientHeight) box.scrollTop = (next + 2) * height - box.clientHeight;
      if (next * height < box.scrollTop) box.scrollTop = next * height;
      drawRows();
      one(`[data-place="${order[next]}"]`)?.focus({ preventScroll: true });
    }
  });

  addEventListener("hashchange", () => { read(); draw(true); });
  addEventListener("popstate", () => { read(); draw(true); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => speak());
  root.classList.add("live");
  read();
  speak();
  drawHeat();
  for (const part of all("#overview .case")) furnish(part);
  if (hasCases) {
    unpack(one("#rows-block").textContent).then((columns) => {
      rows = columns;
      haystack = rows.id.map((id, k) => `${id} ${rows.text[k]} ${Object.values(data.verdicts[rows.verdict[k]]).join(" ")} ${rows.cause[k] < 0 ? "" : Object.values(data.causes[rows.cause[k]]).join(" ")}`.toLowerCase());
      draw();
      root.classList.add("ready");
    });
  }
  return { arrived };
})();
