// What was opened in the estimate stays open when it is fetched again.
const estimate = document.getElementById("estimate");
let open = false;
estimate?.addEventListener("toggle", (event) => { open = event.target.open; }, true);
document.body.addEventListener("htmx:afterSwap", (event) => {
  const details = event.target === estimate && estimate.querySelector("details");
  if (details) details.open = open;
});
