// Sets the colour scheme before the first paint (so it is loaded without defer), and runs the
// switch in the footer. "auto" follows the system.
"use strict";

(() => {
  const KEY = "theme";
  const THEMES = ["auto", "light", "dark"];

  const stored = () => {
    try {
      const theme = localStorage.getItem(KEY);
      return THEMES.includes(theme) ? theme : "auto";
    } catch {
      return "auto"; // storage is blocked: the system decides
    }
  };

  const apply = (theme) => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
    }
  };

  apply(stored());

  addEventListener("DOMContentLoaded", () => {
    for (const box of document.querySelectorAll("[data-theme-switch]")) box.hidden = false;
    apply(stored());
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-theme-choice]");
      if (!button) return;
      try {
        localStorage.setItem(KEY, button.dataset.themeChoice);
      } catch {
        // storage is blocked: the choice holds for this page
      }
      apply(button.dataset.themeChoice);
    });
  });

  addEventListener("storage", (event) => {
    if (event.key === KEY) apply(stored());
  });
})();
