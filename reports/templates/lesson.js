"use strict";
// The page is complete without this script; here its parts are lit, step by step. All numbers are in the page.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);
  const hash = new URLSearchParams(location.hash.slice(1));
  const whole = (key, last, otherwise) => {
    const value = hash.has(key) ? Number(hash.get(key)) : NaN;
    return Number.isInteger(value) && value >= 0 && value <= last ? value : otherwise;
  };
  const among = (key, values, otherwise) => (values.includes(hash.get(key)) ? hash.get(key) : otherwise);
  const variables = Object.keys(data.curves);
  const last = data.steps - 1;
  const levels = all('[data-set="level"]').map((button) => button.dataset.value);
  const live = document.getElementById("ask"); // the form of a server, which makes riddles for any seed
  const opening = root.lang;
  let state;

  function read() {
    state = {
      step: whole("step", last, 0),
      view: among("view", ["multiply", "simple"], "multiply"),
      lang: among("lang", Object.keys(data.words), opening),
      theme: among("theme", ["light", "dark"], ""),
      forget: hash.get("forget") === "1",
      by: among("by", variables, variables[0]),
      h: whole("h", data.curves[variables[0]].length - 1, data.start),
      level: among("level", levels, levels[0] || ""),
      seed: whole("seed", live ? 999999999 : data.seeds, 1) || 1,
    };
  }

  function write() {
    const kept = new URLSearchParams();
    for (const [key, value] of Object.entries(state)) {
      if (value !== "" && value !== false) kept.set(key, value === true ? "1" : value);
    }
    history.replaceState(null, "", "#" + kept);
  }

  function dark() {
    return state.theme ? state.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function light(printing = false) {
    const step = printing ? last : state.step;
    const stuck = state.forget && step > data.seed && !printing;
    const reached = stuck ? data.seed : step;
    root.classList.toggle("forgotten", state.forget && !printing);
    root.classList.toggle("is-stuck", stuck);
    for (const part of all("[data-from]")) {
      const from = Number(part.dataset.from);
      const to = part.dataset.to === undefined ? Infinity : Number(part.dataset.to);
      const now = (part.dataset.now || "").split(" ").map(Number);
      part.classList.toggle("on", from <= reached && reached < to);
      part.classList.toggle("now", part.dataset.now !== "" && !stuck && !printing && now.includes(state.step));
      part.classList.toggle("lost", stuck && from === data.seed + 1);
    }
    const words = data.words[state.lang];
    for (const button of all("[data-step]")) {
      const step = Number(button.dataset.step);
      button.parentElement.classList.toggle("done", step < state.step);
      if (step === state.step) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
      const said = data.said[step][state.lang];
      button.setAttribute("aria-label", said.startsWith(button.textContent + " ") ? said : `${button.textContent}: ${said}`);
    }
    one("#previous").disabled = state.step === 0;
    one("#next").textContent = state.step === last ? words.again : words.next + " →";
    if (one("#forget")) one("#forget").checked = state.forget;
  }

  function speak() {
    const words = data.words[state.lang];
    root.lang = state.lang;
    document.title = words.title;
    for (const part of all("[data-word]")) part.textContent = words[part.dataset.word];
    for (const part of all("[data-label]")) part.setAttribute("aria-label", words[part.dataset.label]);
  }

  function choose() {
    root.dataset.view = state.view;
    if (state.theme) root.dataset.theme = state.theme;
    else delete root.dataset.theme;
    const chosen = {
      lang: state.lang, theme: dark() ? "dark" : "light", view: state.view, by: state.by, level: state.level,
    };
    for (const button of all("[data-set]")) {
      button.setAttribute("aria-pressed", String(chosen[button.dataset.set] === button.dataset.value));
    }
    for (const way of all(".way")) {
      way.hidden = way.dataset.way !== state.by;
      const at = data.curves[way.dataset.way][state.h];
      one(".moving-value", way).replaceChildren(at.same, marked(at.differs));
      one(".moving-error", way).textContent = at.error;
      one("output", way).textContent = at.h;
      one(".step-h", way).value = state.h;
      one(".step-h", way).setAttribute("aria-valuetext", at.h);
      const here = one(".here", way);
      if (here && at.at) {
        const hasError = at.at[1] !== null; // nan has no place in the chart
        here.toggleAttribute("hidden", !hasError);
        if (hasError) {
          here.setAttribute("cx", at.at[0]);
          here.setAttribute("cy", at.at[1]);
        }
      }
    }
    if (levels.length) {
      pose();
      entitle();
    }
  }

  function marked(text) {
    const mark = document.createElement("mark");
    mark.textContent = text;
    return text ? mark : "";
  }

  function draw() {
    speak();
    choose();
    light();
    write();
  }

  // In a narrow window the graph and the row of steps scroll: what is busy is brought to the middle.
  function follow() {
    const current = one(".steps [aria-current]").parentElement;
    const row = current.parentElement;
    row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
    const box = one(".stage .scroll");
    const busy = all(".node.now, .node.lost", box).filter((part) => part.getClientRects().length);
    if (!busy.length || box.scrollWidth <= box.clientWidth) return;
    const inner = box.getBoundingClientRect();
    const edges = busy.map((part) => part.getBoundingClientRect());
    const left = Math.min(...edges.map((edge) => edge.left));
    const right = Math.max(...edges.map((edge) => edge.right));
    box.scrollLeft += (left + right) / 2 - (inner.left + inner.right) / 2;
  }

  function go(step) {
    root.classList.add("walking");
    state.step = step;
    draw();
    follow();
  }

  for (const button of all("[data-set]")) {
    button.addEventListener("click", () => {
      state[button.dataset.set] = button.dataset.value;
      draw();
      if (button.dataset.set === "view") follow();
    });
  }
  for (const button of all("[data-step]")) button.addEventListener("click", () => go(Number(button.dataset.step)));
  one("#previous").addEventListener("click", () => go(Math.max(state.step - 1, 0)));
  one("#next").addEventListener("click", () => go(state.step === last ? 0 : state.step + 1));
  one("#forget")?.addEventListener("change", (event) => {
    state.forget = event.target.checked;
    go(state.step);
  });
  for (const slider of all(".step-h")) {
    slider.addEventListener("input", () => {
      state.h = Number(slider.value);
      draw();
    });
  }
  addEventListener("keydown", (event) => {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const busy = event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input:not([type=checkbox]), summary");
    if (!way || busy) return;
    const scroller = event.target.closest(".scroll");
    if (scroller && !scroller.closest(".stage")) return; // there the arrow keys scroll
    event.preventDefault();
    go(Math.min(Math.max(state.step + way, 0), last));
  });

  // ---- which one is lying? ----
  const box = one("#riddle");
  const fetched = new Map();
  let posed = ""; // level and seed of the riddle on screen
  let riddle = null;
  let said = new Set(); // which sentences of the answer are shown

  async function pose() {
    const key = `${state.level} ${state.seed}`;
    if (key === posed) return;
    posed = key;
    one("#seed").value = state.seed;
    const known = state.seed <= data.seeds ? data.riddles[state.level][state.seed - 1] : await made(key);
    if (key !== posed) return; // another one was asked for meanwhile
    riddle = known;
    said = new Set();
    box.hidden = !riddle;
    one("#no-riddle").hidden = Boolean(riddle);
    for (const button of all("button", box)) button.classList.remove("right", "not-right");
    if (riddle) {
      one("#riddle-at").textContent = riddle.at;
      all(".evidence .number", box).forEach((cell, k) => { cell.textContent = riddle.rows.flat()[k]; });
      all(".value", box).forEach((place, k) => { place.textContent = riddle.values[k]; });
      all(".local", box).forEach((place, k) => { place.textContent = riddle.locals.flat()[k]; });
    }
    tell();
  }

  // A button is read aloud by its name alone, which does not hold the formulas inside it.
  function entitle() {
    const words = data.words[state.lang];
    one("#no-riddle").textContent = words.riddle_none;
    if (!riddle) return;
    all(".suspects button:not([data-part=sum])", box).forEach((button, k) => {
      const [formula, ...locals] = data.suspects[k];
      const multiplied = locals.map((local, j) => `${local}, ${words.engine_has} ${riddle.locals[k][j]}`);
      button.setAttribute("aria-label", [`${formula}, ${words.engine_value} ${riddle.values[k]}`, ...multiplied].join("; "));
    });
  }

  // A riddle that is not in the page: the server makes it.
  async function made(key) {
    if (!live) return null;
    if (!fetched.has(key)) {
      try {
        const body = JSON.stringify({ f: data.f, at: data.at, level: state.level, seed: state.seed });
        const answer = await fetch("/api/riddle", { method: "POST", headers: { "content-type": "application/json" }, body });
        fetched.set(key, (await answer.json()).riddle ?? null);
      } catch {
        return null;
      }
    }
    return fetched.get(key);
  }

  function tell() {
    entitle();
    for (const part of all("[data-when]", box)) part.hidden = !said.has(part.dataset.when);
    for (const button of all(".suspects button", box)) button.disabled = !said.has("asks where") && !said.has("asks forgotten");
  }

  function mark(button, right) {
    for (const other of all("button", button.parentElement)) other.classList.remove("right", "not-right");
    button.classList.add(right ? "right" : "not-right");
  }

  function accuse(button) {
    const right = button.dataset.guess === riddle.liar;
    mark(button, right);
    said = new Set([right ? `convicted ${riddle.liar}` : "acquitted"]);
    if (right && riddle.part === null) said.add(`found ${riddle.fault}`);
    else if (right) said.add(riddle.liar === "difference" ? "asks step" : riddle.liar === "formula" ? "asks forgotten" : "asks where");
    for (const other of all("[data-part]", box)) other.classList.remove("right", "not-right");
    tell();
  }

  function point(button) {
    const right = button.dataset.part === riddle.part;
    mark(button, right);
    for (const sentence of ["elsewhere", `found ${riddle.fault}`]) said.delete(sentence);
    said.add(right ? `found ${riddle.fault}` : "elsewhere");
    tell();
  }

  if (levels.length) {
    for (const button of all("[data-guess]", box)) button.addEventListener("click", () => accuse(button));
    for (const button of all("[data-part]", box)) button.addEventListener("click", () => point(button));
    const most = live ? 999999999 : data.seeds;
    const turn = (seed) => {
      state.seed = Math.min(Math.max(Number.isInteger(seed) ? seed : 1, 1), most);
      one("#seed").value = state.seed;
      draw();
    };
    one("#riddle-previous").addEventListener("click", () => turn(state.seed > 1 ? state.seed - 1 : live ? 1 : most));
    one("#riddle-next").addEventListener("click", () => turn(state.seed < most ? state.seed + 1 : 1));
    one("#seed").addEventListener("change", (event) => turn(Number(event.target.value)));
  }

  addEventListener("hashchange", () => {
    for (const key of [...hash.keys()]) hash.delete(key);
    new URLSearchParams(location.hash.slice(1)).forEach((value, key) => hash.set(key, value));
    read();
    draw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  // On paper nothing can be stepped through: the finished picture, with every step below it.
  addEventListener("beforeprint", () => light(true));
  addEventListener("afterprint", () => light());
  root.classList.add("live");
  read();
  draw();
  follow();
})();
