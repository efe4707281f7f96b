// Draws the TeX of `.math` elements with KaTeX. Without it, readers see the TeX itself.

import "../vendor/katex/katex.min.js";

const limits = { trust: false, throwOnError: false, maxExpand: 100, maxSize: 20, output: "htmlAndMathml" };

/** Draws what is inside `root` and not drawn yet; pages that add content call it again. */
export function drawMath(root = document) {
  for (const place of root.querySelectorAll(".math:not(.is-drawn)")) {
    const tex = place.textContent;
    globalThis.katex.render(tex, place, { ...limits, displayMode: place.classList.contains("block") });
    place.classList.add("is-drawn");
  }
}

drawMath();
