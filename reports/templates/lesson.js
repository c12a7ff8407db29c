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
      riddle: whole("riddle", Math.max(data.riddles.length - 1, 0), 0),
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

  function light() {
    const stuck = state.forget && state.step > data.seed;
    const reached = stuck ? data.seed : state.step;
    root.classList.toggle("forgotten", state.forget);
    root.classList.toggle("is-stuck", stuck);
    for (const part of all("[data-from]")) {
      const from = Number(part.dataset.from);
      const to = part.dataset.to === undefined ? Infinity : Number(part.dataset.to);
      const now = (part.dataset.now || "").split(" ").map(Number);
      part.classList.toggle("on", from <= reached && reached < to);
      part.classList.toggle("now", part.dataset.now !== "" && !stuck && now.includes(state.step));
      part.classList.toggle("lost", stuck && from === data.seed + 1);
    }
    const words = data.words[state.lang];
    for (const button of all("[data-step]")) {
      const step = Number(button.dataset.step);
      button.parentElement.classList.toggle("done", step < state.step);
      if (step === state.step) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
      button.setAttribute("aria-label", button.textContent + ": " + data.said[step][state.lang]);
    }
    one("#previous").disabled = state.step === 0;
    one("#next").textContent = state.step === last ? words.again : words.next + " →";
    one("#forget").checked = state.forget;
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
    const chosen = { lang: state.lang, theme: dark() ? "dark" : "light", view: state.view, by: state.by };
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
        here.setAttribute("cx", at.at[0]);
        here.setAttribute("cy", at.at[1]);
      }
    }
    for (const riddle of all(".riddle")) riddle.hidden = Number(riddle.dataset.riddle) !== state.riddle;
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

  // In a narrow window the graph scrolls: what is busy is brought to the middle.
  function follow() {
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
  one("#forget").addEventListener("change", (event) => {
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
    const busy = event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input, summary");
    if (!way || busy) return;
    const scroller = event.target.closest(".scroll");
    if (scroller && !scroller.closest(".stage")) return; // there the arrow keys scroll
    event.preventDefault();
    go(Math.min(Math.max(state.step + way, 0), last));
  });

  for (const riddle of all(".riddle")) {
    const number = Number(riddle.dataset.riddle);
    const turn = (by) => {
      state.riddle = (number + by + data.riddles.length) % data.riddles.length;
      draw();
      one(`.riddle[data-riddle="${state.riddle}"] .riddle-next`).focus({ preventScroll: true });
    };
    one(".riddle-previous", riddle).addEventListener("click", () => turn(-1));
    one(".riddle-next", riddle).addEventListener("click", () => turn(1));
    const { liar, part } = data.riddles[number];
    const answer = (buttons, button, right, yes, no) => {
      riddle.classList.toggle(yes, right);
      riddle.classList.toggle(no, !right);
      for (const other of buttons) other.classList.remove("right", "not-right");
      button.classList.add(right ? "right" : "not-right");
    };
    const guesses = all("[data-guess]", riddle);
    for (const button of guesses) {
      button.addEventListener("click", () =>
        answer(guesses, button, button.dataset.guess === liar, "is-convicted", "is-acquitted"));
    }
    const parts = all("[data-part]", riddle);
    for (const button of parts) {
      button.addEventListener("click", () =>
        answer(parts, button, button.dataset.part === String(part), "is-found", "is-elsewhere"));
    }
  }

  addEventListener("hashchange", () => {
    for (const key of [...hash.keys()]) hash.delete(key);
    new URLSearchParams(location.hash.slice(1)).forEach((value, key) => hash.set(key, value));
    read();
    draw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  root.classList.add("live");
  read();
  draw();
  follow();
})();
