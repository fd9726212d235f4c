// Follows a run: asks for the events after the last one seen; when there are some, says them to
// screen readers and takes the page's live parts anew from the server. Stops when the run does.

const box = document.querySelector("[data-follow]");
const said = document.getElementById("run-said");

const QUICK = 1000; // milliseconds between questions while things happen
const SLOW = 15000; // the longest pause, when the server is away or nothing happens

let after = Number(box.dataset.after);
let lost = box.dataset.lost === "true"; // no event tells that a worker has gone silent
let pause = QUICK;

// Two renderings of the same form differ in its token only.
const untokened = (html) => html.replace(/(name="csrfmiddlewaretoken" value=")[^"]*/g, "$1");

const refresh = async () => {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (fresh && untokened(fresh.innerHTML) !== untokened(part.innerHTML)) {
      part.replaceChildren(...fresh.childNodes);
    }
  }
};

const ask = async () => {
  const response = await fetch(`${box.dataset.follow}?after=${after}`, {
    headers: { Accept: "application/json" },
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.json();
};

const follow = async () => {
  let news;
  try {
    news = await ask();
    if (news.events.length) {
      await refresh();
      after = news.events.at(-1).seq;
      said.textContent = news.events.map((event) => event.message).join(" ");
      lost = news.lost;
      pause = QUICK;
    } else if (news.lost !== lost) {
      await refresh();
      lost = news.lost;
      if (lost) said.textContent = "The worker of this run seems to be lost.";
    } else {
      pause = Math.min(pause * 1.25, 5000);
    }
  } catch {
    pause = Math.min(pause * 2, SLOW); // the server is away; it may come back
  }
  if (news && !news.working && !news.events.length) return;
  setTimeout(follow, document.hidden ? SLOW : pause);
};

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) pause = QUICK;
});

setTimeout(follow, pause);
