"use strict";
// What every page does when it is printed.
(() => {
  /** Paper does not scroll: a formula wider than it is set smaller, down to half its size. */
  function fit(onPaper) {
    for (const box of document.querySelectorAll(".scroll:has(math):not(:has(.sheet))")) {
      box.style.fontSize = "";
      if (!onPaper) continue;
      const paper = box.closest(".cause") ? 270 : 650; // px between the borders of a card on A4, where two stand abreast
      const later = box.closest("[data-more][hidden]"); // which paper shows, and only what is shown has a width
      if (later) later.hidden = false;
      box.style.width = `${paper}px`;
      const wide = box.scrollWidth;
      box.style.width = "";
      if (later) later.hidden = true;
      const share = (0.97 * paper) / wide; // signs do not shrink evenly
      if (wide > paper) box.style.fontSize = `${Math.max(share, 0.5)}em`;
    }
  }

  addEventListener("beforeprint", () => fit(true));
  addEventListener("afterprint", () => fit(false));
})();
