"use strict";
// The form of the live pages: what is typed is sent to this machine's own server, which answers with its formula.
(() => {
  const form = document.getElementById("ask");
  const words = JSON.parse(document.getElementById("ask-words").textContent);
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const said = () => words[root.lang] || words.en;
  const text = document.getElementById("f");
  const echo = document.getElementById("echo");
  const variables = document.getElementById("variables");
  const working = document.getElementById("working");
  const kept = new Map(); // numbers of variables that are not in the function at the moment
  let latest = 0;
  let timer = 0;

  function label() {
    for (const part of all("[data-live-label]")) part.setAttribute("aria-label", said()[part.dataset.liveLabel]);
    for (const field of all("input", variables)) field.placeholder = said().any;
  }

  function complain(errors) {
    for (const place of all("[data-field]", form)) {
      const own = place.dataset.field;
      const found = Object.entries(errors).filter(([field]) => field === own || (own === "at" && field.startsWith("at.")));
      place.replaceChildren(...found.flatMap(([field, texts]) => Object.entries(texts).map(([code, words]) => {
        const span = document.createElement("span");
        span.lang = code;
        span.textContent = field.startsWith("at.") ? `${field.slice(3)}: ${words} ` : words;
        return span;
      })));
    }
    for (const place of all(".wrong:not([data-field])", form)) place.remove();
    for (const field of all("[name]", form)) {
      if (field.name in errors) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }

  function offer(names) {
    for (const field of all("input", variables)) kept.set(field.name.slice(3), field.value);
    const there = all("input", variables).map((field) => field.name.slice(3));
    if (names.join() === there.join()) return;
    variables.replaceChildren(...names.map((name) => {
      const box = document.createElement("div");
      const label = document.createElement("label");
      const field = document.createElement("input");
      label.className = "variable";
      label.textContent = name;
      label.htmlFor = field.id = field.name = "at." + name;
      field.value = kept.get(name) || "";
      field.inputMode = "decimal";
      field.autocomplete = "off";
      field.spellcheck = false;
      field.setAttribute("aria-describedby", "wrong-at");
      box.append(label, field);
      return box;
    }));
    label();
  }

  // Asks what the function is, quietly without a word on errors; resolves to whether all fields are right.
  async function ask(quietly = false) {
    const mine = ++latest;
    const at = Object.fromEntries(all("input", variables).map((field) => [field.name.slice(3), field.value]));
    echo.classList.add("stale");
    let found;
    try {
      const answer = await fetch("/api/read", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ f: text.value, at, page: form.dataset.page }),
      });
      found = await answer.json();
    } catch {
      found = { errors: { "": Object.fromEntries(Object.keys(words).map((code) => [code, words[code].lost_server])) } };
    }
    if (mine !== latest) return false;
    if (found.formula !== undefined) {
      echo.innerHTML = found.formula; // MathML, escaped where it was made
      echo.classList.remove("stale");
      offer(found.variables);
    }
    if (!quietly) complain(found.errors);
    return Object.keys(found.errors).length === 0;
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask(), 180);
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || (form.dataset.page === "verify" && !event.ctrlKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    working.textContent = said().working;
    if (await ask()) {
      const query = new URLSearchParams(new FormData(form));
      location.assign(`${form.action.replace(location.origin, "")}?${query}${location.hash}`);
      if (location.search === "?" + query) location.reload(); // the same address: a change of the hash alone loads nothing
    } else {
      const wrong = form.querySelector("[aria-invalid]");
      if (wrong) wrong.focus();
      working.textContent = "";
    }
  });
  addEventListener("pageshow", () => { working.textContent = ""; });

  // Language and theme go along to the next page.
  addEventListener("click", (event) => {
    const link = event.target.closest("nav a, #as-lesson");
    if (!link) return;
    const hash = new URLSearchParams(location.hash.slice(1));
    const along = new URLSearchParams(["lang", "theme"].filter((key) => hash.has(key)).map((key) => [key, hash.get(key)]));
    link.hash = along.toString();
  });
  new MutationObserver(label).observe(root, { attributes: true, attributeFilter: ["lang"] });
  label();
  if (text.value.trim() && !echo.childElementCount) ask(true); // what went wrong before stays said

  // A page without a lesson has no other script to choose its language and theme.
  const captions = document.getElementById("captions");
  if (!captions) return;
  const titles = JSON.parse(captions.textContent);
  const opening = root.lang;

  function draw() {
    const hash = new URLSearchParams(location.hash.slice(1));
    root.lang = hash.get("lang") in titles ? hash.get("lang") : opening;
    const theme = ["light", "dark"].includes(hash.get("theme")) ? hash.get("theme") : "";
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    const chosen = { lang: root.lang, theme: dark ? "dark" : "light" };
    document.title = titles[root.lang].title;
    for (const part of all("[data-word]")) part.textContent = titles[root.lang][part.dataset.word];
    for (const button of all("[data-set]")) {
      button.setAttribute("aria-pressed", String(chosen[button.dataset.set] === button.dataset.value));
    }
  }

  for (const button of all("[data-set]")) {
    button.addEventListener("click", () => {
      const hash = new URLSearchParams(location.hash.slice(1));
      hash.set(button.dataset.set, button.dataset.value);
      history.replaceState(null, "", "#" + hash);
      draw();
    });
  }
  addEventListener("hashchange", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
  const copy = document.getElementById("copy");
  if (copy && navigator.clipboard) {
    const say = (done) => [...copy.children].forEach((part, place) => { part.hidden = place !== Number(done); });
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById("command").textContent);
      say(true);
      setTimeout(() => say(false), 1500);
    });
  }
  // Whoever asked for a verdict need not look for it below the form.
  const verdict = document.getElementById("verdict");
  if (verdict && scrollY === 0 && verdict.getBoundingClientRect().top > innerHeight / 2) verdict.scrollIntoView();
})();
