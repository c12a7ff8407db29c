"use strict";
// Boxes that scroll, on every page: Tab stops at those that have something to scroll, and at no other.
(() => {
  let waits = false;

  function settle() {
    waits = false;
    const boxes = [...document.querySelectorAll(".scroll, .rows, pre")].filter((box) => box !== document.activeElement);
    const scrolls = boxes.map((box) => {
      const { overflowX, overflowY } = getComputedStyle(box);
      return (overflowX === "auto" && box.scrollWidth > box.clientWidth) ||
        (overflowY === "auto" && box.scrollHeight > box.clientHeight);
    });
    boxes.forEach((box, k) => { // once all are measured: a change between would have the page laid out for each
      if (scrolls[k]) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  }

  function settleSoon() {
    if (!waits) requestAnimationFrame(settle);
    waits = true;
  }

  const looks = ["class", "hidden", "lang", "open", "style"];
  const seen = { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: looks };
  new MutationObserver(settleSoon).observe(document.documentElement, seen);
  addEventListener("resize", settleSoon);
  document.fonts.ready.then(settleSoon);
  settleSoon();
})();
