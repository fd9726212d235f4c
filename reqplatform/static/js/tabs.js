// Where tabs don't fit side by side, shows the current one, and on which side there are more.
for (const bar of document.querySelectorAll(".tabs")) {
  const tab = bar.querySelector("[aria-current]");
  if (tab) bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
  const look = () => {
    const left = bar.scrollLeft > 1;
    const right = bar.scrollLeft + bar.clientWidth < bar.scrollWidth - 1;
    bar.dataset.more = left && right ? "both" : left ? "left" : right ? "right" : "";
  };
  bar.addEventListener("scroll", look, { passive: true });
  new ResizeObserver(look).observe(bar);
}
